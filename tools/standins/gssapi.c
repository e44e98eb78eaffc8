/* What Qt's network asks of Kerberos, without its libraries of 1.5 MB: for MNIST Desktop Reader.

   Qt logs in to proxies and servers with it; the Reader speaks only with itself on this machine, to
   bring its window to the front. Nothing here is called, and it would fail if it were. */

#include <stdint.h>

#define FAILURE (13u << 16) /* GSS_S_FAILURE, RFC 2744 */

#define FAILS(name) \
    uint32_t name(void) \
    { \
        return FAILURE; \
    }

void *GSS_C_NT_HOSTBASED_SERVICE;

FAILS(gss_acquire_cred)
FAILS(gss_delete_sec_context)
FAILS(gss_display_status)
FAILS(gss_import_name)
FAILS(gss_init_sec_context)
FAILS(gss_release_buffer)
FAILS(gss_release_cred)
FAILS(gss_release_name)
