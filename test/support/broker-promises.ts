/** What a test of the simulated broker expects of a campaign: no finding, and enough of everything. */
import { expect } from 'vitest';
import { runCampaign } from './broker-campaign.ts';
import type { Campaign, CampaignCounts } from './broker-campaign.ts';

/** Of each for a hundred runs: histories that hold less say little. */
const ENOUGH: CampaignCounts = {
  operations: 2_500,
  acknowledgedRecords: 800,
  recordsShown: 1_500,
  commitsTaken: 60,
  assignments: 40,
  crashes: 150,
  powerCuts: 120,
  injectedErrors: 40,
  fullDisks: 10,
};

/** Rejects with the report of the first broken promise. */
export async function expectPromisesKept(campaign: Campaign): Promise<CampaignCounts> {
  const counts = await runCampaign(campaign);
  expectEnough(counts, campaign.runs);
  return counts;
}

/** Fails where hardly anything was tried. */
export function expectEnough(counts: CampaignCounts, runs: number): void {
  for (const [what, count] of Object.entries(counts)) {
    const least = Math.floor((ENOUGH[what as keyof CampaignCounts] * runs) / 100);
    expect(count, `${what} in ${runs} runs`).toBeGreaterThanOrEqual(least);
  }
}
