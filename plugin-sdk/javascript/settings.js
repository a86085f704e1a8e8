// Settings of the installation, as the administrator saved them, defaults filled in.

import { allJson } from "barq:plugin/settings@1.0.0";

/** All of them as an object. */
export const all = () => JSON.parse(allJson());
