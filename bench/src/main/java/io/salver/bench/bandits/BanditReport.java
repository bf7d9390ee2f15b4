package io.salver.bench.bandits;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Plays every bandit on a simulated stream and on those of real data, and every ensemble; the same
 * numbers each time. Arguments: the directory of test data, the file for the plot. The table goes
 * to the standard output.
 */
public final class BanditReport {
  static final int SEEDS = 20;

  private static final int SIMULATED_REQUESTS = 20_000;

  private BanditReport() {}

  /** The algorithms by the names that they have in the plot, and the options of each. */
  static Map<String, Map<String, Double>> players() {
    Map<String, Map<String, Double>> players = new LinkedHashMap<>();
    players.put("random", Map.of());
    players.put("exp3", Map.of());
    players.put("exp3, share 0", Map.of("share", 0.0));
    players.put("exp4", Map.of());
    players.put("thompson", Map.of());
    players.put("linucb", Map.of());
    return players;
  }

  static String algorithm(String player) {
    return player.split(",", 2)[0];
  }

  /** See the class. */
  public static void main(String[] arguments) throws IOException {
    Path testData = Path.of(arguments[0]);
    List<RewardStream> streams = new ArrayList<>();
    streams.add(RewardStream.simulated(SIMULATED_REQUESTS, 0));
    streams.addAll(RewardStream.real(testData));
    RegretPlot plot = new RegretPlot();
    PrintStream out = System.out;
    out.println(
        "| stream | requests | arms, right before / after in % | player | regret at half | at the end | lost a request in the last tenth, % |");
    out.println("|---|---|---|---|---|---|---|");
    for (RewardStream stream : streams) {
      Map<String, double[]> curves = new LinkedHashMap<>();
      players()
          .forEach((player, options) -> {
            double[] regret = stream.meanRegret(algorithm(player), options, SEEDS);
            curves.put(player, regret);
            out.println(line(stream, player, regret));
          });
      plot.panel(stream.name(), curves);
    }
    Files.writeString(Path.of(arguments[1]), plot.svg(List.copyOf(players().keySet())));
    out.println();
    out.println("| data | rows | best member, % | mean, % | majority, % | weighted, % |");
    out.println("|---|---|---|---|---|---|");
    for (Ensembles.Accuracy a : Ensembles.all(testData)) {
      out.printf(
          Locale.ROOT,
          "| %s | %,d | %.2f | %.2f | %.2f | %.2f |%n",
          a.name(),
          a.rows(),
          100 * a.bestMember(),
          100 * a.mean(),
          100 * a.majority(),
          100 * a.weighted());
    }
  }

  private static String line(RewardStream stream, String player, double[] regret) {
    int requests = regret.length;
    return String.format(
        Locale.ROOT,
        "| %s | %,d | %s | %s | %,.0f | %,.0f | %.1f |",
        stream.name(),
        requests,
        String.join("; ", stream.accuracies()),
        player,
        regret[requests / 2 - 1],
        regret[requests - 1],
        100 * (regret[requests - 1] - regret[requests - requests / 10]) / (requests / 10));
  }
}
