import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { send } from "./api";

/** An address under which the browser can draw a stored picture: a plain link could not carry the token. */
export function useFileUrl(id: string | null | undefined): string | undefined {
  const { data } = useQuery({
    queryKey: ["file", id],
    enabled: !!id,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => (await send("GET", `/files/${id}`, { signal })).blob(),
  });
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!data) return;
    const made = URL.createObjectURL(data);
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
      setUrl(undefined);
    };
  }, [data]);
  return id ? url : undefined;
}
