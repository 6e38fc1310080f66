// SPDX-License-Identifier: GPL-2.0-only
/** What `import 'vfshook'` gives: checking tests from a program. */
export {
	type CheckReport,
	type CheckRequest,
	check,
	prepare,
	type Verdict,
} from './conform/check.ts';
export { type Choice, type Configuration, configure, PROFILES, symbols } from './conform/config.ts';
export { runLitmus } from './conform/litmus.ts';
export { findTests, projectRoot, readTest, suite } from './conform/scenarios.ts';
export { explore } from './engine/explorer.ts';
export type { Machine } from './engine/machine.ts';
export { walk } from './engine/walk.ts';
export { loadArtifact } from './kts/artifact.ts';
export { instantiate } from './kts/instantiate.ts';
export { compile } from './litmus/compile.ts';
export { parseLitmus } from './litmus/parser.ts';
