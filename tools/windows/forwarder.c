/* All the code of a DLL whose functions are those of another one, as its .def file says. */

int __stdcall DllMainCRTStartup(void *module, unsigned reason, void *reserved)
{
    return 1;
}
