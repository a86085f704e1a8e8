import type { EChartsCoreOption } from "echarts/core";
import { useEffect, useRef, useState } from "react";
import { useAppearance } from "@/lib/appearance";
import { Skeleton } from "./skeleton";

interface ChartProps {
  /** The same as the picture says, for those who do not see it; the figures themselves stand in a table beside it. */
  label: string;
  option: (colors: ChartColors) => EChartsCoreOption;
  onPick?: (index: number) => void;
  className?: string;
}

export interface ChartColors {
  series: string[];
  ink: string;
  muted: string;
  line: string;
  surface: string;
  font: string;
}

function colors(): ChartColors {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    series: ["--chart-1", "--chart-2", "--chart-3", "--chart-4"].map(read),
    ink: asRgb(read("--ink")),
    muted: asRgb(read("--ink-muted")),
    line: asRgb(read("--line")),
    surface: asRgb(read("--surface")),
    font: getComputedStyle(document.body).fontFamily,
  };
}

/** The chart library does not read oklch, so the browser is asked what the colour comes to. */
function asRgb(color: string): string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  if (!context) return color;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
}

/** A chart whose library is fetched only when one is really shown. */
export function Chart({ label, option, onPick, className }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [ready, setReady] = useState(false);
  const appearance = useAppearance();

  // biome-ignore lint/correctness/useExhaustiveDependencies: how the page looks changes the colours read inside
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    let chart: import("echarts/core").ECharts | undefined;
    let gone = false;
    const resize = new ResizeObserver(() => chart?.resize());
    import("./echarts").then(({ init }) => {
      if (gone) return;
      chart = init(element);
      chart.setOption({ animationDuration: 250, ...option(colors()) });
      if (onPick) chart.on("click", (event) => onPick(event.dataIndex));
      resize.observe(element);
      setReady(true);
    });
    return () => {
      gone = true;
      resize.disconnect();
      chart?.dispose();
    };
  }, [option, onPick, appearance]);

  return (
    <div className={className}>
      <div className="relative size-full">
        {ready ? null : <Skeleton className="absolute inset-0" />}
        <div ref={holder} role="img" aria-label={label} dir="ltr" className="absolute inset-0" />
      </div>
    </div>
  );
}
