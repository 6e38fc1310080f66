// SPDX-License-Identifier: GPL-2.0-only
/**
 * With which symbols the port is compared.
 *
 * Interface: BASE isCompared symbolsOf
 */
import { PROFILES, profileOf } from '../conform/config.ts';
import type { Symbols } from './port.ts';

const OLD = 'linux-2.4.22';

/** Symbols as they are in that kernel, of the profile that has its name, or of the one named. */
export function symbolsOf(version: string, name?: string): Symbols {
	const profile = name ? profileOf(name) : PROFILES.find((p) => p.name === `linux-${version}`);
	const on = profile?.on ?? [];
	// 2.4.22 has no such system call; where the profile is of no kernel, there may be one
	const features = { SMP: 1, REMAP_FILE_PAGES: profile?.name === OLD ? 0 : 1 };
	return { ...features, ...Object.fromEntries(on.map((name) => [name.split('=')[0], 1])) };
}

/** Of the kernel that the port is of: what other symbols change is of a later one. */
export const BASE: Symbols = symbolsOf('', OLD);

/** With the symbols of 2.4.22 nothing is of a later kernel. */
export const isCompared = (version: string, name?: string): boolean =>
	name !== OLD || `linux-${version}` === OLD;
