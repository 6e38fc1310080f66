// SPDX-License-Identifier: GPL-2.0-only
/** vfshook crosswalk: the port against a kernel tree, function by function. */
import { PROFILES } from '../conform/config.ts';
import { projectRoot } from '../conform/scenarios.ts';
import { crosswalk } from '../crosswalk/crosswalk.ts';
import { KernelTree } from '../crosswalk/kernel.ts';
import type { Symbols } from '../crosswalk/port.ts';
import { loadPort } from '../crosswalk/port-file.ts';
import { findingsOf, reportJson, reportText } from '../crosswalk/report.ts';
import { EXIT_OK, EXIT_VIOLATED } from './output.ts';

/** Symbols as they are in that kernel: of the profile that has its name. */
export function symbolsOf(version: string): Symbols {
	const profile = PROFILES.find((p) => p.name === `linux-${version}`);
	const on = profile?.on ?? [];
	const features = { SMP: 1, REMAP_FILE_PAGES: version.startsWith('2.6') ? 1 : 0 };
	return { ...features, ...Object.fromEntries(on.map((name) => [name.split('=')[0], 1])) };
}

export async function crosswalkCommand(
	names: readonly string[],
	options: { linux: string; json?: boolean },
): Promise<number> {
	const tree = await KernelTree.open(options.linux);
	const port = await loadPort(projectRoot());
	const report = crosswalk(tree, port, symbolsOf(tree.version), names);
	process.stdout.write(
		options.json
			? `${JSON.stringify(reportJson(report), null, '\t')}\n`
			: reportText(report, names.length > 0),
	);
	return findingsOf(report).length === 0 ? EXIT_OK : EXIT_VIOLATED;
}
