export { Fact, Facts } from "@/ui/facts";
