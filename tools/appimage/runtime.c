/* The head of an AppImage (type 2): a static program with a SquashFS image behind it.
 *
 * It mounts the image with FUSE and becomes the program in it (AppRun), which then lives in this
 * very process; a second process serves the image until nobody uses it any more. Where nothing can
 * be mounted the image is unpacked for as long as the program runs. The options and variables are
 * those of https://docs.appimage.org/user-guide/run-appimages.html and of the specification,
 * https://github.com/AppImage/AppImageSpec/blob/master/draft.md.
 *
 * tools/package_appimage.py compiles it, with squashfuse, libfuse 3 and zstd linked in.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <squashfuse/ll.h>

#define RETRY_MS 500           /* between attempts to unmount what is still used */
#define CHUNK (1024 * 1024)    /* bytes that are unpacked at once */
#define OPEN_FOLDERS 32        /* at once, while a folder is removed */

/* squashfuse names the decompressors of all images. This one is compressed with zstd, and the others
 * stay out; LZO is under the GPL. */
static int unused(void) { return -1; }
int LZ4_decompress_safe(void) __attribute__((alias("unused")));
int lzma_stream_buffer_decode(void) __attribute__((alias("unused")));
int lzo1x_decompress_safe(void) __attribute__((alias("unused")));
int uncompress(void) __attribute__((alias("unused")));

static const char *const HELP =
    "Options of the AppImage, before those of the program in it:\n"
    "  --appimage-extract [PATTERN]   unpack into squashfs-root, all or what fits the pattern\n"
    "  --appimage-extract-and-run     unpack, run, and remove it again: for systems without FUSE;\n"
    "                                 APPIMAGE_EXTRACT_AND_RUN=1 does the same\n"
    "  --appimage-mount               mount, and tell where, until Ctrl+C\n"
    "  --appimage-offset              tell where in this file the SquashFS image begins\n"
    "  --appimage-help                this text\n";

static char *unpacked = NULL;             /* what is to be removed in the end */
static volatile sig_atomic_t stopped = 0; /* the number of the signal that asked for it */
static volatile pid_t program = 0;

static int remove_one(const char *path, const struct stat *state, int kind, struct FTW *place) {
    (void)state, (void)kind, (void)place;
    return remove(path);
}

static void remove_unpacked(void) {
    if (unpacked)
        nftw(unpacked, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

static void die(const char *format, ...) {
    va_list values;
    va_start(values, format);
    fputs("AppImage: ", stderr);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    va_end(values);
    remove_unpacked();
    exit(127);
}

/* Where the ELF file ends, and with it the head: behind the table of its sections. */
static size_t image_offset(const char *path) {
    Elf64_Ehdr header;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, &header, sizeof header) != (ssize_t)sizeof header)
        die("%s cannot be read: %s.", path, strerror(errno));
    close(file);
    return header.e_shoff + (size_t)header.e_shentsize * header.e_shnum;
}

/* A new folder of this user's own, in TMPDIR or /tmp. */
static char *make_folder(const char *name) {
    const char *place = getenv("TMPDIR");
    char *folder;
    if (asprintf(&folder, "%s/%sXXXXXX", place && *place ? place : "/tmp", name) < 0 ||
        !mkdtemp(folder))
        die("no folder can be made in %s: %s.", place && *place ? place : "/tmp", strerror(errno));
    return folder;
}

/* Mounting ------------------------------------------------------------------------------------ */

/* Unmount from a process of its own, because this one answers what the kernel asks meanwhile.
 * It fails as long as a program that was started from the mounted image runs. */
static void try_unmount(const char *folder) {
    if (fork() == 0) {
        if (umount2(folder, UMOUNT_NOFOLLOW))
            execlp("fusermount3", "fusermount3", "-u", "-q", folder, (char *)NULL);
        _exit(0);
    }
}

/* Serve a mounted image until `alive` has no writer any more and the image can be unmounted. */
static void serve(struct fuse_session *session, const char *folder, int alive) {
    struct fuse_buf buffer = {0};
    struct pollfd watched[2] = {{fuse_session_fd(session), POLLIN, 0}, {alive, POLLIN, 0}};
    int is_over = 0;
    while (!fuse_session_exited(session)) {
        int ready = poll(watched, is_over ? 1 : 2, is_over ? RETRY_MS : -1);
        if (ready < 0 && errno != EINTR)
            break;
        if (ready > 0 && watched[0].revents) {
            int got = fuse_session_receive_buf(session, &buffer);
            if (got == -EINTR)
                continue;
            if (got <= 0)
                break;
            fuse_session_process_buf(session, &buffer);
        }
        if (ready == 0 || (!is_over && ready > 0 && watched[1].revents)) {
            is_over = 1;
            try_unmount(folder);
        }
    }
    free(buffer.mem);
}

/* Mount the image, say so by a byte in `ready`, and serve it. */
static void mount_and_serve(const char *self, const char *folder, int ready, int alive) {
    struct fuse_lowlevel_ops ops = {
        .getattr = sqfs_ll_op_getattr, .opendir = sqfs_ll_op_opendir,
        .releasedir = sqfs_ll_op_releasedir, .readdir = sqfs_ll_op_readdir,
        .lookup = sqfs_ll_op_lookup, .open = sqfs_ll_op_open, .create = sqfs_ll_op_create,
        .release = sqfs_ll_op_release, .read = sqfs_ll_op_read, .readlink = sqfs_ll_op_readlink,
        .forget = sqfs_ll_op_forget, .statfs = stfs_ll_op_statfs,
    };
    char *words[] = {"AppImage", "-o", "ro,nodev,nosuid,fsname=AppImage,subtype=squashfuse", NULL};
    struct fuse_args args = FUSE_ARGS_INIT(3, words);
    sqfs_ll *image = sqfs_ll_open(self, image_offset(self));
    sqfs_ll_chan channel;
    if (!image || sqfs_ll_mount(&channel, folder, &args, &ops, sizeof ops, image) != SQFS_OK)
        return;
    if (write(ready, "m", 1) == 1) {
        close(ready);
        serve(channel.session, folder, alive);
    }
    sqfs_ll_unmount(&channel, folder);
}

/* Mount the image in a process of its own, which no program started from it has for a child.
 * Returns whether it is mounted; it stays so while anybody has the descriptor that is left open. */
static int mount_image(const char *self, const char *folder) {
    int ready[2], alive[2];
    char byte;
    if (pipe2(ready, O_CLOEXEC) || pipe(alive))
        die("no pipe can be made: %s.", strerror(errno));
    pid_t between = fork();
    if (between == 0) {
        if (fork() == 0) {
            int nowhere = open("/dev/null", O_RDWR);
            setsid(); /* Ctrl+C is for the program, not for what serves it */
            for (int number = 0; number < 3; number++)
                dup2(nowhere, number);
            close(ready[0]);
            close(alive[1]);
            signal(SIGCHLD, SIG_IGN);
            mount_and_serve(self, folder, ready[1], alive[0]);
            rmdir(folder);
        }
        _exit(0);
    }
    close(ready[1]);
    close(alive[0]);
    waitpid(between, NULL, 0);
    int is_mounted = read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    if (!is_mounted)
        close(alive[1]);
    return is_mounted;
}

/* Unpacking ----------------------------------------------------------------------------------- */

static void unpack_file(sqfs *fs, sqfs_inode *inode, const char *target) {
    static char chunk[CHUNK];
    int file = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, inode->base.mode & 0777);
    if (file < 0)
        die("%s cannot be written: %s.", target, strerror(errno));
    for (uint64_t done = 0; done < inode->xtra.reg.file_size;) {
        sqfs_off_t size = CHUNK;
        if (sqfs_read_range(fs, inode, (sqfs_off_t)done, &size, chunk) != SQFS_OK || size <= 0)
            die("this file is damaged: %s cannot be unpacked. Download it again.", target);
        if (write(file, chunk, (size_t)size) != size)
            die("%s cannot be written: %s.", target, strerror(errno));
        done += (uint64_t)size;
    }
    if (fchmod(file, inode->base.mode & 0777) || close(file))
        die("%s cannot be written: %s.", target, strerror(errno));
}

static void unpack_link(sqfs *fs, sqfs_inode *inode, const char *target) {
    char name[PATH_MAX];
    size_t size = sizeof name;
    if (sqfs_readlink(fs, inode, name, &size) != SQFS_OK)
        die("this file is damaged: %s cannot be unpacked. Download it again.", target);
    unlink(target);
    if (symlink(name, target))
        die("%s cannot be made: %s.", target, strerror(errno));
}

/* Make all folders that lead to a path. */
static void make_folders_of(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0755) && errno != EEXIST)
            die("%s cannot be made: %s.", path, strerror(errno));
        *slash = '/';
    }
}

/* Unpack what fits a pattern, or everything without one, into a folder. */
static void unpack_image(const char *self, const char *folder, const char *pattern) {
    sqfs fs;
    sqfs_inode inode;
    sqfs_traverse walk;
    sqfs_err error = sqfs_open_image(&fs, self, image_offset(self));
    if (error == SQFS_OK)
        error = sqfs_traverse_open(&walk, &fs, sqfs_inode_root(&fs));
    if (error != SQFS_OK)
        die("this file is damaged: there is no image in it. Download it again.");
    while (sqfs_traverse_next(&walk, &error)) {
        char *target;
        if (stopped)
            die("stopped while the program was unpacked.");
        if (walk.dir_end || (pattern && fnmatch(pattern, walk.path, FNM_LEADING_DIR)))
            continue;
        if (sqfs_inode_get(&fs, &inode, walk.entry.inode) != SQFS_OK ||
            asprintf(&target, "%s/%s", folder, walk.path) < 0)
            die("this file is damaged: %s cannot be unpacked. Download it again.", walk.path);
        make_folders_of(target);
        if (S_ISDIR(inode.base.mode))
            mkdir(target, 0755);
        else if (S_ISLNK(inode.base.mode))
            unpack_link(&fs, &inode, target);
        else
            unpack_file(&fs, &inode, target);
        free(target);
    }
    if (error != SQFS_OK)
        die("this file is damaged: not all of it could be unpacked. Download it again.");
    sqfs_traverse_close(&walk);
    sqfs_destroy(&fs);
}

/* Running ------------------------------------------------------------------------------------- */

/* Become the program of a folder. */
static void become(const char *folder, const char *self, char **words) {
    char *program, *start = getcwd(NULL, 0);
    if (asprintf(&program, "%s/AppRun", folder) < 0)
        die("there is not enough memory.");
    setenv("APPIMAGE", self, 1);
    setenv("APPDIR", folder, 1);
    setenv("ARGV0", words[0], 1);
    if (start)
        setenv("OWD", start, 1);
    execv(program, words);
    die("%s cannot be started: %s.", program, strerror(errno));
}

static void stop(int number) {
    stopped = number;
    if (program > 0)
        kill(program, number);
}

/* Have a signal answered, unless whoever started this wants it ignored. */
static void answer(int number, void (*handler)(int)) {
    if (signal(number, handler) == SIG_IGN)
        signal(number, SIG_IGN);
}

/* Unpack, run the program, remove what was unpacked, and return the program's exit code. */
static int unpack_and_run(const char *self, char **words) {
    const int of_terminal[] = {SIGINT, SIGHUP, SIGQUIT}; /* which sends them to the program, too */
    const size_t count = sizeof of_terminal / sizeof *of_terminal;
    int status;
    answer(SIGTERM, stop);
    for (size_t i = 0; i < count; i++)
        answer(of_terminal[i], stop);
    unpacked = make_folder("appimage_extracted_");
    unpack_image(self, unpacked, NULL);
    pid_t child = fork();
    if (child == 0) {
        char *folder = unpacked;
        unpacked = NULL; /* the other process removes it */
        become(folder, self, words);
    }
    for (size_t i = 0; i < count; i++)
        signal(of_terminal[i], SIG_IGN);
    program = child;
    if (stopped)
        kill(program, stopped);
    while (waitpid(program, &status, 0) < 0 && errno == EINTR)
        ;
    remove_unpacked();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Mount, tell where, and wait for the end; what serves the image notices that by itself. */
static int mount_and_wait(const char *self) {
    char *folder = make_folder(".mount_");
    if (!mount_image(self, folder))
        die("nothing can be mounted here; --appimage-extract unpacks the program instead.");
    puts(folder);
    fflush(stdout);
    pause();
    return 0;
}

int main(int count, char **words) {
    const char *wish = count > 1 ? words[1] : "", *unpacks = getenv("APPIMAGE_EXTRACT_AND_RUN");
    char *self = realpath("/proc/self/exe", NULL);
    if (!self)
        die("/proc is needed: %s.", strerror(errno));
    if (!strcmp(wish, "--appimage-help"))
        return fputs(HELP, stdout) < 0;
    if (!strcmp(wish, "--appimage-offset"))
        return printf("%zu\n", image_offset(self)) < 0;
    if (!strcmp(wish, "--appimage-mount"))
        return mount_and_wait(self);
    if (!strcmp(wish, "--appimage-extract")) {
        unpack_image(self, "squashfs-root", count > 2 ? words[2] : NULL);
        return 0;
    }
    if (!strcmp(wish, "--appimage-extract-and-run")) {
        words[1] = words[0];
        return unpack_and_run(self, words + 1);
    }
    if (!strncmp(wish, "--appimage-", strlen("--appimage-")))
        die("there is no option %s; --appimage-help lists those there are.", wish);
    if (unpacks && *unpacks)
        return unpack_and_run(self, words);
    char *folder = make_folder(".mount_");
    if (mount_image(self, folder))
        become(folder, self, words);
    fputs("AppImage: nothing can be mounted here (FUSE is missing), so the program is unpacked\n"
          "each time it starts; --appimage-extract unpacks it for good.\n", stderr);
    return unpack_and_run(self, words);
}
