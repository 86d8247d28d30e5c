/** What a check answers. `accepted` means: the claim is a theorem about the problem. */
export type Outcome = Accepted | Rejected | Declined

export type Accepted = {
  readonly outcome: 'accepted'
  /** The kind of claim that was proved. */
  readonly claim: string
  /** The claim as one English sentence. */
  readonly statement: string
  readonly problemDigest: string
  readonly claimDigest: string
}

/** Readable, but no proof of the claim: the first step that failed, and why. */
export type Rejected = { readonly outcome: 'rejected'; readonly step: string; readonly reason: string }

/** Unreadable, or beyond what this checker does. */
export type Declined = { readonly outcome: 'declined'; readonly feature: string }

type Stop = Error & { readonly outcome: Rejected | Declined }

const stop = (message: string, outcome: Rejected | Declined): Stop => Object.assign(new Error(message), { outcome })

/** Ends the check: the proof does not prove the claim. */
export const reject = (step: string, reason: string): never => {
  throw stop(reason, { outcome: 'rejected', step, reason })
}

/** Ends the check: the text cannot be read, or asks for more than this checker does. */
export const decline = (feature: string): never => {
  throw stop(feature, { outcome: 'declined', feature })
}

const isStop = (thrown: unknown): thrown is Stop => thrown instanceof Error && 'outcome' in thrown

/** The result of `run`, or the outcome with which it was stopped. Nothing that is thrown can become an acceptance. */
export const settle = <Result>(run: () => Result): Result | Rejected | Declined => {
  try {
    return run()
  } catch (thrown) {
    if (isStop(thrown)) return thrown.outcome
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    return { outcome: 'declined', feature: `more than this machine can hold (${reason})` }
  }
}
