// SPDX-License-Identifier: GPL-2.0-only
/** What each process of the tests loads first: package.json names it for AVA. */
import { optimiseLater } from './tiers.ts';

optimiseLater();
