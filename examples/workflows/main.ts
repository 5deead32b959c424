/** Runs every example, each with each of its services down in turn, and prints the rollback. */
import { played, scenarios } from './scenarios.ts'

for (const scenario of scenarios) {
  for (const down of [undefined, ...scenario.services]) {
    const [title, ...lines] = await played(scenario, down)
    console.log(title)
    for (const line of lines) console.log(`  ${line}`)
  }
}
