// SPDX-License-Identifier: GPL-2.0-only
/** The exit status. */

/** As expected, or verified where nothing is expected. */
export const EXIT_OK = 0;
/** Violated, vacuous, or otherwise not as expected. */
export const EXIT_VIOLATED = 1;
/** Usage, input that cannot be read, output that cannot be written. */
export const EXIT_USAGE = 2;
/** A limit was reached. */
export const EXIT_INCOMPLETE = 3;
/** A fault of vfshook. */
export const EXIT_INTERNAL = 4;
