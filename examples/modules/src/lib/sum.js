export const sumTo = n => (n * (n + 1)) / 2
