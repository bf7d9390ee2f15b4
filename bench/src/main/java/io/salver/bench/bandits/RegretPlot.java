package io.salver.bench.bandits;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Panels of curves as SVG, two in a row. */
final class RegretPlot {
  private static final int WIDTH = 380;
  private static final int HEIGHT = 240;
  private static final int LEFT = 58;
  private static final int TOP = 30;
  private static final int POINTS = 150;
  private static final String[] COLOURS = {
    "#888888", "#0072b2", "#56b4e9", "#009e73", "#d55e00", "#cc79a7"
  };

  private final List<String> parts = new ArrayList<>();
  private int panels;

  void panel(String title, Map<String, double[]> curves) {
    int x = LEFT + panels % 2 * (WIDTH + 80);
    int y = TOP + 40 + panels / 2 * (HEIGHT + 70);
    panels++;
    double max = 1;
    int length = 1;
    for (double[] curve : curves.values()) {
      length = curve.length;
      for (double value : curve) {
        max = Math.max(max, value);
      }
    }
    text(x, y - 8, "start", title);
    text(x - 4, y + 10, "end", String.format(Locale.ROOT, "%,.0f", max));
    text(x - 4, y + HEIGHT, "end", "0");
    text(x + WIDTH, y + HEIGHT + 16, "end", String.format(Locale.ROOT, "%,d requests", length));
    text(x + WIDTH / 2, y + HEIGHT + 16, "middle", "degrades");
    parts.add(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888888\"/>"
                + "<path d=\"M%d %dv%d\" stroke=\"#888888\" stroke-dasharray=\"4\"/>",
            x,
            y,
            WIDTH,
            HEIGHT,
            x + WIDTH / 2,
            y,
            HEIGHT));
    int colour = 0;
    for (double[] curve : curves.values()) {
      parts.add(line(x, y, curve, max, COLOURS[colour++]));
    }
  }

  private static String line(int x, int y, double[] curve, double max, String colour) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i <= POINTS; i++) {
      int at = (int) ((long) i * (curve.length - 1) / POINTS);
      points.append(
          String.format(
              Locale.ROOT,
              "%.1f,%.1f ",
              x + (double) WIDTH * i / POINTS,
              y + HEIGHT * (1 - Math.max(0, curve[at]) / max)));
    }
    return String.format(
        "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" points=\"%s\"/>",
        colour, points.toString().strip());
  }

  private void text(int x, int y, String anchor, String text) {
    parts.add(
        String.format("<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>", x, y, anchor, text));
  }

  String svg(List<String> names) {
    int x = LEFT;
    for (int i = 0; i < names.size(); i++) {
      parts.add(
          String.format("<path d=\"M%d 20h24\" stroke=\"%s\" stroke-width=\"3\"/>", x, COLOURS[i]));
      text(x + 30, 24, "start", names.get(i));
      x += 130;
    }
    int width = LEFT + 2 * WIDTH + 110;
    int height = TOP + 40 + (panels + 1) / 2 * (HEIGHT + 70);
    return String.format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
            + " font-size=\"12\"><rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n%s%n</svg>%n",
        width, height, String.join(System.lineSeparator(), parts));
  }
}
