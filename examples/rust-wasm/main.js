// SPDX-License-Identifier: MIT
// Lends the Rust code a canvas, and exchanges it while the page stays.

const canvas = document.querySelector('#flower').getContext('2d');
const count = document.querySelector('#count');

const page = {
  clear() {
    canvas.setTransform(1, 0, 0, 1, 0, 0);
    canvas.clearRect(0, 0, 640, 640);
    canvas.setTransform(320, 0, 0, 320, 320, 320);
  },
  dot(x, y, radius, hue) {
    canvas.fillStyle = `hsl(${hue} 80% 65%)`;
    canvas.beginPath();
    canvas.arc(x, y, radius, 0, 2 * Math.PI);
    canvas.fill();
  },
  show_count(petals) {
    count.value = `${petals} petals`;
  },
};

async function load() {
  const response = await fetch('/rust_wasm.wasm', { cache: 'no-cache' });
  const { instance } = await WebAssembly.instantiate(await response.arrayBuffer(), { page });
  return instance.exports;
}

let rust = await load();
rust.draw();
document.querySelector('#add').onclick = () => rust.add_petal();

// Called by orbiton when a build has made new code. Throwing means "reload the page instead".
window.__ORBIT_REGISTER_HMR_HANDLER?.(async (modules) => {
  if (modules.some((name) => /\.(js|html)$/.test(name))) {
    throw new Error('the page itself changed');
  }
  const next = await load();
  next.restore(rust.save());
  rust = next;
  rust.draw();
});
