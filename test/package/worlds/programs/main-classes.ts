import { names } from './names.ts'
import { sellOut } from './sell-out.ts'
import { components } from './shop-classes.ts'

console.log(JSON.stringify({ names, events: await sellOut(components) }))
