import "x"; import("y") / 1
