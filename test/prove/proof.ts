/** What a proof is: many runs of one claim, counted, from a seed, in pieces if need be. */

/** What has been counted so far; the keys are the proof's own. */
export type Counts = Readonly<Record<string, number>>

/** What the runner tells a proof. */
export type ProofOptions = {
  readonly seed: number
  readonly runs: number
  /** Takes a line about what happens. */
  readonly report: (line: string) => void
  /** Counts to go on from; runs that are counted there are not run again. */
  readonly resume: Counts | undefined
  /** To be told the counts after each run. */
  readonly counted: (counts: Counts) => void
}

/** What became of it. `findings` says what contradicts the claim. */
export type ProofResult = {
  readonly ok: boolean
  readonly counts: Counts
  readonly findings: readonly string[]
}

/** One proof of the registry. */
export type Proof = {
  readonly name: string
  /** The claim, as a sentence. */
  readonly claim: string
  /** Runs when the command line does not say. */
  readonly runs: number
  readonly prove: (options: ProofOptions) => Promise<ProofResult>
}
