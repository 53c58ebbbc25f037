export default async function named() {}
/re/;
export const after = import("x") / 1;
