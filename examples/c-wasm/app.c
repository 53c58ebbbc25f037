// SPDX-License-Identifier: MIT
// A clock that somebody winds by hand. Change the drawing below and save: the
// page takes the new code and keeps the time.

#include "page.h"

enum { MINUTES = 60, HOURS = 12 };

static const char *const face_colour = "#2b6f77";
static const char *const hand_colour = "#f4d35e";

// What the page must not lose when the code is exchanged.
static int minutes = 10 * MINUTES + 8;

static void draw_hand(double turns, double length, double width)
{
    page_line(0, 0, length * page_sin(turns), -length * page_cos(turns), width, hand_colour);
}

EXPORT("draw") void draw(void)
{
    page_clear();
    page_disc(0, 0, 0.95, face_colour);
    for (int hour = 0; hour < HOURS; hour++) {
        double turns = (double)hour / HOURS;

        page_disc(0.8 * page_sin(turns), -0.8 * page_cos(turns), 0.03, hand_colour);
    }
    draw_hand((double)minutes / MINUTES, 0.7, 0.03);
    draw_hand((double)minutes / (MINUTES * HOURS), 0.45, 0.06);
    page_time(minutes / MINUTES % HOURS, minutes % MINUTES);
}

EXPORT("wind") void wind(int by)
{
    minutes += by;
    draw();
}

// The state as a number, for the code that comes after this one.
EXPORT("save") int save(void)
{
    return minutes;
}

EXPORT("restore") void restore(int state)
{
    minutes = state;
}
