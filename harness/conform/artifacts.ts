// SPDX-License-Identifier: GPL-2.0-only
/** Which artifact a configuration needs: the sources as they are, or with all cuts (CUT). */
import type { Artifact } from '../engine/machine.ts';
import { loadArtifact, loadCutArtifact } from '../kts/artifact.ts';
import { projectRoot } from './scenarios.ts';

/** @config: its bounds, or the `config` of a trace. */
export function artifactFor(config: Readonly<Record<string, unknown>>): Promise<Artifact> {
	return config.CUT ? loadCutArtifact(projectRoot()) : loadArtifact(projectRoot());
}
