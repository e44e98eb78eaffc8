/* python.exe, which is in no wheel: hands its arguments to python311.dll beside it.
   Built a second time with -DWINDOWED it is pythonw.exe, which has no console. */

#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

typedef int (*main_function)(int, wchar_t **);

static int run_python(int count, wchar_t **arguments)
{
    wchar_t path[MAX_PATH];
    DWORD length = GetModuleFileNameW(NULL, path, MAX_PATH);
    wchar_t *end = wcsrchr(path, L'\\');
    if (length == 0 || end == NULL || end - path + 16 > MAX_PATH)
        return 102;
    wcscpy(end + 1, L"python311.dll");
    HMODULE python = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    if (python == NULL)
        return 103;
    main_function run = (main_function)(void *)GetProcAddress(python, "Py_Main");
    return run == NULL ? 104 : run(count, arguments);
}

#ifdef WINDOWED
int WINAPI wWinMain(HINSTANCE self, HINSTANCE unused, LPWSTR line, int show)
{
    return run_python(__argc, __wargv);
}
#else
int wmain(int count, wchar_t **arguments)
{
    return run_python(count, arguments);
}
#endif
