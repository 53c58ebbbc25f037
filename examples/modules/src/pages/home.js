export const text = 'This is home.'
