// For a Chromium to which nothing but this machine is to be found.
export const ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1";
