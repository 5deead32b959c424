/**
 * Facts of the coordinator that are shown in one place only, with the reason. Every other fact of
 * its contract is shown in process and over gRPC; `both-places.test.ts` and the reporter of the
 * whole run hold that.
 */

/** The reasons, by the id of the fact. */
export const inProcessOnly: Readonly<Record<string, string>> = {
  'coordinator-C-0447': 'a payload that cannot be fetched is found by the reader of the log',
  'coordinator-C-0450': 'retention is a rule of the ledger, whose contract suite shows it',
  'coordinator-C-0451': 'retention is a rule of the ledger, whose contract suite shows it',
  'coordinator-C-0452': 'retention is a rule of the ledger, whose contract suite shows it',
  'coordinator-C-0453': 'retention is a rule of the ledger, whose contract suite shows it',
  'coordinator-C-0456': 'retention is a rule of the ledger, whose contract suite shows it',
  'coordinator-C-0457': 'retention is a rule of the ledger, whose contract suite shows it',
  'coordinator-C-0493':
    'which facts an aggregate elsewhere declares is known when it is asked: the letter is its own',
  'coordinator-C-0508': 'the effective mode is a pure plan; the modes themselves are shown twice',
  'coordinator-AC-06':
    'a component elsewhere answers a rejection nobody declared with nothing, as its contract says',
  'coordinator-AC-11': 'it is about the routes of HTTP, which are a wire of their own',
}
