const s = " "; // import("no")   import("yes1")
let ü = 1
ü　/ import("yes2") / 1; /* */ let v = 1 /*   */ 
++v
