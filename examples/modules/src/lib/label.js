export const label = 'Count:'
