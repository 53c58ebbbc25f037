/* SPDX-License-Identifier: MIT */
/*
 * HTTP dates. The calendar is computed, not asked of the C library: gmtime and
 * strftime know locales and zones, an HTTP date knows neither.
 */
#include "http/http_reply.h"

#include <string.h>

static const char weekdays[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

enum { DAY_S = 86400 };

/* 9999-12-31 23:59:59, the last second that four digits of a year can tell. */
#define LAST_SECOND UINT64_C(253402300799)

static void put2(char *to, unsigned value)
{
    to[0] = (char)('0' + value / 10 % 10);
    to[1] = (char)('0' + value % 10);
}

/*
 * The civil calendar from days since 1970, in years that begin in March, so that the leap day is
 * the last of a year: 400 of them have 146097 days, wherever they begin.
 */
static void civil_from_days(
        unsigned days, unsigned *ret_year, unsigned *ret_month, unsigned *ret_day)
{
    unsigned since_march_0000 = days + 719468;
    unsigned era = since_march_0000 / 146097;
    unsigned of_era = since_march_0000 % 146097;
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153; /* 0 is March */

    *ret_day = of_year - (153 * month + 2) / 5 + 1;
    *ret_month = month < 10 ? month + 3 : month - 9;
    *ret_year = year + era * 400 + (*ret_month <= 2);
}

/* The inverse, for years from 1970 on. */
static unsigned days_from_civil(unsigned year, unsigned month, unsigned day)
{
    unsigned y = year - (month <= 2);
    unsigned era = y / 400;
    unsigned of_era_year = y % 400;
    unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned of_era = of_era_year * 365 + of_era_year / 4 - of_era_year / 100 + of_year;

    return era * 146097 + of_era - 719468;
}

void http_date_format(uint64_t seconds, char ret[HTTP_DATE_LEN + 1])
{
    if (seconds > LAST_SECOND) {
        seconds = LAST_SECOND;
    }
    unsigned days = (unsigned)(seconds / DAY_S);
    unsigned of_day = (unsigned)(seconds % DAY_S);
    unsigned year;
    unsigned month;
    unsigned day;

    civil_from_days(days, &year, &month, &day);
    memcpy(ret, "Sun, 06 Nov 1994 08:49:37 GMT", HTTP_DATE_LEN + 1);
    memcpy(ret, weekdays + (days + 4) % 7 * 3, 3); /* 1970 began on a Thursday */
    put2(ret + 5, day);
    memcpy(ret + 8, months + (month - 1) * 3, 3);
    put2(ret + 12, year / 100);
    put2(ret + 14, year % 100);
    put2(ret + 17, of_day / 3600);
    put2(ret + 20, of_day / 60 % 60);
    put2(ret + 23, of_day % 60);
}

/* `count` digits as a number; what is no digit is caught by comparing the whole date later. */
static unsigned digits(const char *p, size_t count)
{
    unsigned value = 0;

    for (size_t i = 0; i < count; i++) {
        value = value * 10 + (unsigned)((unsigned char)p[i] - '0') % 10;
    }
    return value;
}

bool http_date_parse(struct str text, uint64_t *ret_seconds)
{
    if (text.len != HTTP_DATE_LEN) {
        return false;
    }
    unsigned month = 0;

    while (month < 12 && memcmp(months + (size_t)month * 3, text.ptr + 8, 3) != 0) {
        month++;
    }
    unsigned day = digits(text.ptr + 5, 2);
    unsigned year = digits(text.ptr + 12, 4);

    if (month == 12 || day == 0 || year < 1970) {
        return false;
    }
    uint64_t seconds = (uint64_t)days_from_civil(year, month + 1, day) * DAY_S +
                       (uint64_t)digits(text.ptr + 17, 2) * 3600 +
                       (uint64_t)digits(text.ptr + 20, 2) * 60 + digits(text.ptr + 23, 2);
    char again[HTTP_DATE_LEN + 1];

    /* What we would not write that way is not a date: weekday, 31 Feb, 24:00 and all the rest. */
    http_date_format(seconds, again);
    if (memcmp(again, text.ptr, HTTP_DATE_LEN) != 0) {
        return false;
    }
    *ret_seconds = seconds;
    return true;
}
