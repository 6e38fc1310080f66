// SPDX-License-Identifier: GPL-2.0-only
/** With which symbols the port is compared. */
import { PROFILES, profileOf } from '../conform/config.ts';
import type { Symbols } from './port.ts';

/** Symbols as they are in that kernel: of a profile, or of the one that has its name. */
export function symbolsOf(version: string, name?: string): Symbols {
	const profile = name ? profileOf(name) : PROFILES.find((p) => p.name === `linux-${version}`);
	const on = profile?.on ?? [];
	const features = { SMP: 1, REMAP_FILE_PAGES: version.startsWith('2.6') ? 1 : 0 };
	return { ...features, ...Object.fromEntries(on.map((name) => [name.split('=')[0], 1])) };
}
