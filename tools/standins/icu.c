/* What Qt's core asks of ICU, without Unicode's tables of 32 MB: for MNIST Desktop Reader.

   Qt takes from ICU the order of names in a language, the case of letters in a language, encodings
   beside Unicode, and names of time zones. The Reader needs none of these. Names are ordered by
   their letters whatever their case; all else fails with ICU's own error, on which Qt falls back
   to what it does where there is no ICU. The names end in ICU's version, which Qt is linked to.

   https://unicode-org.github.io/icu-docs/apidoc/released/icu4c: the functions
   qtbase/src/corelib/text/qcollator_icu.cpp, qlocale_icu.cpp, qstringconverter.cpp,
   qtbase/src/corelib/time/qtimezoneprivate_icu.cpp: the callers */

#include <stddef.h>
#include <stdint.h>

#define NAME_(name, version) name##_##version
#define NAME(name, version) NAME_(name, version)
#define ICU(name) NAME(name, ICU_VERSION)

enum { FILE_ACCESS_ERROR = 4 };

typedef uint16_t letter;

static int32_t fail(int *status)
{
    *status = FILE_ACCESS_ERROR;
    return 0;
}

/* Order */

static letter folded(letter one)
{
    return one >= 'A' && one <= 'Z' ? one + ('a' - 'A') : one;
}

static int the_collator;

void *ICU(ucol_open)(const char *locale, int *status)
{
    (void)locale, (void)status;
    return &the_collator;
}

void ICU(ucol_close)(void *collator)
{
    (void)collator;
}

void ICU(ucol_setAttribute)(void *collator, int attribute, int value, int *status)
{
    (void)collator, (void)attribute, (void)value, (void)status;
}

int ICU(ucol_strcoll)(
    const void *collator, const letter *one, int32_t length, const letter *other, int32_t others)
{
    (void)collator;
    for (int32_t place = 0; place < length && place < others; place++)
        if (folded(one[place]) != folded(other[place]))
            return folded(one[place]) < folded(other[place]) ? -1 : 1;
    return length == others ? 0 : length < others ? -1 : 1;
}

int32_t ICU(ucol_getSortKey)(
    const void *collator, const letter *text, int32_t length, uint8_t *key, int32_t room)
{
    (void)collator;
    int32_t needed = 0;
    for (int32_t place = 0; place < length; place++, needed += 2)
        if (needed + 2 <= room) {
            key[needed] = folded(text[place]) >> 8;
            key[needed + 1] = folded(text[place]) & 255;
        }
    if (needed < room)
        key[needed] = 0;
    return needed + 1;
}

/* Case of letters: Qt then uses its own tables. */

int32_t ICU(u_strToLower)(
    letter *to, int32_t room, const letter *from, int32_t length, const char *locale, int *status)
{
    (void)to, (void)room, (void)from, (void)length, (void)locale;
    return fail(status);
}

int32_t ICU(u_strToUpper)(
    letter *to, int32_t room, const letter *from, int32_t length, const char *locale, int *status)
{
    (void)to, (void)room, (void)from, (void)length, (void)locale;
    return fail(status);
}

/* Time zones: Qt reads the system's. */

void *ICU(ucal_open)(const letter *zone, int32_t length, const char *locale, int type, int *status)
{
    (void)zone, (void)length, (void)locale, (void)type;
    fail(status);
    return NULL;
}

void ICU(ucal_close)(void *calendar)
{
    (void)calendar;
}

int32_t ICU(ucal_getCanonicalTimeZoneID)(
    const letter *id, int32_t length, letter *to, int32_t room, int8_t *is_system, int *status)
{
    (void)id, (void)length, (void)to, (void)room, (void)is_system;
    return fail(status);
}

int32_t ICU(ucal_getTimeZoneDisplayName)(
    const void *calendar, int type, const char *locale, letter *to, int32_t room, int *status)
{
    (void)calendar, (void)type, (void)locale, (void)to, (void)room;
    return fail(status);
}

/* Encodings: there are none but Qt's own, so no converter is ever opened, and the rest not called. */

void *ICU(ucnv_open)(const char *name, int *status)
{
    (void)name;
    fail(status);
    return NULL;
}

int32_t ICU(ucnv_countAvailable)(void)
{
    return 0;
}

const char *ICU(ucnv_getAvailableName)(int32_t place)
{
    (void)place;
    return NULL;
}

const char *ICU(ucnv_getStandardName)(const char *name, const char *standard, int *status)
{
    (void)name, (void)standard;
    fail(status);
    return NULL;
}

#define NEVER_CALLED(name) \
    void ICU(name)(void) \
    { \
    }

NEVER_CALLED(UCNV_FROM_U_CALLBACK_SUBSTITUTE)
NEVER_CALLED(UCNV_TO_U_CALLBACK_SUBSTITUTE)
NEVER_CALLED(ucnv_cbFromUWriteUChars)
NEVER_CALLED(ucnv_cbToUWriteUChars)
NEVER_CALLED(ucnv_close)
NEVER_CALLED(ucnv_fromUCountPending)
NEVER_CALLED(ucnv_fromUnicode)
NEVER_CALLED(ucnv_getFromUCallBack)
NEVER_CALLED(ucnv_getMaxCharSize)
NEVER_CALLED(ucnv_getName)
NEVER_CALLED(ucnv_getToUCallBack)
NEVER_CALLED(ucnv_reset)
NEVER_CALLED(ucnv_setFromUCallBack)
NEVER_CALLED(ucnv_setToUCallBack)
NEVER_CALLED(ucnv_toUCountPending)
NEVER_CALLED(ucnv_toUnicode)
