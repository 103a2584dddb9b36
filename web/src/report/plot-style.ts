import type uPlot from 'uplot';

type Token = (name: string) => string;

export function axis(token: Token, label: string, more: Partial<uPlot.Axis> = {}): uPlot.Axis {
  return {
    label,
    labelSize: 20,
    gap: 4,
    stroke: token('--text-soft'),
    font: `12px ${token('--font')}`,
    labelFont: `12px ${token('--font')}`,
    grid: { stroke: token('--line'), width: 1 },
    ticks: { stroke: token('--line'), width: 1 },
    ...more,
  };
}

/** `align`: -1 where x is a bar's end, 0 its middle, 1 its start. */
export function bars(token: Token, uPlotClass: typeof uPlot, label: string, align: -1 | 0 | 1): uPlot.Series {
  return {
    label,
    stroke: token('--accent'),
    fill: token('--accent-ground'),
    width: 1,
    paths: uPlotClass.paths.bars?.({ size: [0.9, 60], align }),
    points: { show: false },
  };
}

/** Draws a broken vertical line where the target is. */
export function targetLine(token: Token, at: number | null): uPlot.Plugin {
  return {
    hooks: {
      draw: (plot) => {
        if (at === null) return;
        const { ctx, bbox } = plot;
        const x = Math.round(plot.valToPos(at, 'x', true));
        if (x < bbox.left || x > bbox.left + bbox.width) return;
        ctx.save();
        ctx.strokeStyle = token('--text');
        ctx.lineWidth = 2;
        ctx.setLineDash([6, 5]);
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        ctx.restore();
      },
    },
  };
}
