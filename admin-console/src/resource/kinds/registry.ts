import type { KindName } from "@/api/model";
import { boolean } from "./boolean";
import { choice } from "./choice";
import { date } from "./date";
import { decimal } from "./decimal";
import { email } from "./email";
import { file } from "./file";
import { iban } from "./iban";
import { instant } from "./instant";
import { integer } from "./integer";
import { json } from "./json/json";
import type { Kind } from "./kind";
import { longText } from "./long_text";
import { member } from "./member";
import { money } from "./money";
import { nationalId } from "./national_id";
import { phone } from "./phone";
import { plate } from "./plate";
import { reference } from "./reference";
import { text } from "./text";
import { time } from "./time";

const KINDS: Record<KindName, Kind> = {
  text,
  long_text: longText,
  choice,
  integer,
  decimal,
  money,
  date,
  instant,
  boolean,
  reference,
  member,
  time,
  json,
  file,
  phone,
  email,
  iban,
  national_id: nationalId,
  plate,
};

/** A kind that a newer server declares is shown as text rather than not at all. */
export function kindOf(name: string): Kind {
  return KINDS[name as KindName] ?? text;
}
