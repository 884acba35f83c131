/* The version that --version prints and that every record carries. */
#ifndef DT_RUN_VERSION_H
#define DT_RUN_VERSION_H

#define DT_VERSION "0.1.0"

#endif
