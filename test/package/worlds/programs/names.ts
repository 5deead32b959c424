/** The names that each subpath gives at run time. */
import * as amends from 'amends'
import * as coordinator from 'amends/coordinator'
import * as ledger from 'amends/ledger'
import * as participant from 'amends/participant'
import * as proto from 'amends/proto'
import * as saga from 'amends/saga'
import * as server from 'amends/server'
import * as testing from 'amends/testing'
import * as workflow from 'amends/workflow'

export const names: Readonly<Record<string, readonly string[]>> = {
  amends: Object.keys(amends),
  'amends/proto': Object.keys(proto),
  'amends/ledger': Object.keys(ledger),
  'amends/coordinator': Object.keys(coordinator),
  'amends/server': Object.keys(server),
  'amends/participant': Object.keys(participant),
  'amends/saga': Object.keys(saga),
  'amends/workflow': Object.keys(workflow),
  'amends/testing': Object.keys(testing),
}
