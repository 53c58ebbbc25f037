// SPDX-License-Identifier: MIT
// Lends the C code a canvas, and exchanges it while the page stays.

const canvas = document.querySelector('#clock').getContext('2d');
const time = document.querySelector('#time');
let c;

function text(pointer) {
  const bytes = new Uint8Array(c.memory.buffer, pointer);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

const page = {
  clear() {
    canvas.setTransform(1, 0, 0, 1, 0, 0);
    canvas.clearRect(0, 0, 640, 640);
    canvas.setTransform(320, 0, 0, 320, 320, 320);
    canvas.lineCap = 'round';
  },
  disc(x, y, radius, colour) {
    canvas.fillStyle = text(colour);
    canvas.beginPath();
    canvas.arc(x, y, radius, 0, 2 * Math.PI);
    canvas.fill();
  },
  line(x0, y0, x1, y1, width, colour) {
    canvas.strokeStyle = text(colour);
    canvas.lineWidth = width;
    canvas.beginPath();
    canvas.moveTo(x0, y0);
    canvas.lineTo(x1, y1);
    canvas.stroke();
  },
  time(hours, minutes) {
    time.value = `${hours}:${String(minutes).padStart(2, '0')}`;
  },
  sin: (turns) => Math.sin(turns * 2 * Math.PI),
  cos: (turns) => Math.cos(turns * 2 * Math.PI),
};

async function load() {
  const response = await fetch('app.wasm', { cache: 'no-cache' });
  const { instance } = await WebAssembly.instantiate(await response.arrayBuffer(), { page });
  return instance.exports;
}

c = await load();
c.draw();
for (const button of document.querySelectorAll('button')) {
  button.onclick = () => c.wind(Number(button.dataset.by));
}

// Called by orbiton when a build has made new code. Throwing means "reload the page instead".
window.__ORBIT_REGISTER_HMR_HANDLER?.(async (modules) => {
  if (modules.some((name) => /\.(js|html)$/.test(name))) {
    throw new Error('the page itself changed');
  }
  const next = await load();
  next.restore(c.save());
  c = next;
  c.draw();
});
