// SPDX-License-Identifier: MIT
// From samples to the table. A ratio is the median of the ratios of samples that were taken next to
// each other, so that whatever else the machine did weighs on both sides.

export function median(values) {
  const sorted = values.filter(v => Number.isFinite(v)).sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) {
    return NaN
  }
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export const pairedRatio = (ours, theirs) =>
  median(ours.map((value, i) => value / theirs[i]))

// A row: what was measured, the unit, samples by peer (in step with each other), and its bars, each
// a peer, the ratio asked for, and the direction. A bar without a peer is about the value itself.
export function judge(row) {
  const values = {}
  for (const [peer, samples] of Object.entries(row.samples)) {
    values[peer] = median(samples)
  }
  const ours = row.samples.orbiton
  const ratios = {}
  for (const [peer, samples] of Object.entries(row.samples)) {
    if (ours && peer !== 'orbiton') {
      ratios[peer] = pairedRatio(ours, samples)
    }
  }
  const bars = (row.bars ?? []).map(bar => {
    const value = bar.peer ? ratios[bar.peer] : values.orbiton
    const pass = bar.atLeast === undefined ? value <= bar.atMost : value >= bar.atLeast
    return { ...bar, value, verdict: Number.isFinite(value) ? (pass ? 'pass' : 'miss') : 'none' }
  })
  const lost = Object.fromEntries(Object.entries(row.samples)
    .map(([peer, samples]) => [peer, samples.filter(v => !Number.isFinite(v)).length])
    .filter(([, count]) => count > 0))
  return { ...row, values, ratios, bars, lost }
}

function number(value) {
  if (!Number.isFinite(value)) {
    return '-'
  }
  return value >= 1000 ? Math.round(value).toString()
    : value >= 100 ? value.toFixed(0)
      : value >= 10 ? value.toFixed(1)
        : value.toFixed(2)
}

const ratio = value => (value < 0.1 ? value.toFixed(3) : value.toFixed(2))

function barText(bar) {
  const sign = bar.atLeast === undefined ? '<=' : '>='
  const asked = bar.atLeast ?? bar.atMost
  const what = bar.peer ? `${sign} ${asked} x ${bar.peer}` : `${sign} ${asked}`
  return `${what}: ${bar.verdict === 'none' ? 'not measured' : bar.verdict}`
}

export function table(judged) {
  const peers = ['orbiton', 'vite', 'bun', 'limit', 'import', 'push', 'nginx', 'small', 'link', 'bare', 'vue',
    'solid']
    .filter(peer => judged.some(row => peer in row.values))
  const ratioPeers = peers.filter(peer => judged.some(row => peer in row.ratios))
  const lines = [[
    'measure', 'unit', ...peers, ...ratioPeers.map(peer => `/${peer}`), 'bars',
  ]]
  for (const row of judged) {
    const lost = Object.entries(row.lost).map(([peer, count]) => `${peer} lost ${count}`)
    lines.push([
      row.name,
      row.unit,
      ...peers.map(peer => (peer in row.values ? number(row.values[peer]) : '')),
      ...ratioPeers.map(peer =>
        (Number.isFinite(row.ratios[peer]) ? ratio(row.ratios[peer]) : '')),
      [...row.bars.map(barText), ...lost].join('; '),
    ])
  }
  const widths = lines[0].map((_, i) => Math.max(...lines.map(line => line[i].length)))
  return lines.map(line => line.map((cell, i) =>
    (i === 0 || i === line.length - 1 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])),
  ).join('  ').trimEnd()).join('\n')
}
