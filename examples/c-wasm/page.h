// SPDX-License-Identifier: MIT
// Functions of the page; see `page` in main.js. Angles are in turns.
#ifndef PAGE_H
#define PAGE_H

#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(name) __attribute__((import_module("page"), import_name(name)))

IMPORT("clear") void page_clear(void);
IMPORT("disc") void page_disc(double x, double y, double radius, const char *colour);
IMPORT("line")
void page_line(double x0, double y0, double x1, double y1, double width, const char *colour);
IMPORT("time") void page_time(int hours, int minutes);
IMPORT("sin") double page_sin(double turns);
IMPORT("cos") double page_cos(double turns);

#endif
