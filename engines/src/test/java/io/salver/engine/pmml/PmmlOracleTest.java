package io.salver.engine.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.salver.engine.LoadedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The compiled model against an interpreter of the document, on random models and rows. */
class PmmlOracleTest {
  private static final int MODELS = 600;
  private static final int ROWS = 60;

  @TempDir Path temporary;

  @Test
  void answersAreThoseOfAnInterpreterOfTheDocument() throws Exception {
    Map<String, Integer> seen = new TreeMap<>();
    int missing = 0;
    for (long seed = 0; seed < MODELS; seed++) {
      RandomPmml random = new RandomPmml(seed);
      String pmml = random.document();
      List<Map<String, Object>> rows = new ArrayList<>();
      for (int i = 0; i < ROWS; i++) {
        rows.add(random.row());
      }
      DomInterpreter oracle = new DomInterpreter(pmml);
      try (LoadedModel model = PmmlRuns.load(temporary, pmml)) {
        List<Map<String, Object>> answers = PmmlRuns.run(model, rows);
        for (int i = 0; i < ROWS; i++) {
          for (Map.Entry<String, Object> expected : oracle.run(rows.get(i)).entrySet()) {
            String what = "seed %d, row %d %s, %s".formatted(seed, i, rows.get(i), expected);
            Object answer = answers.get(i).get(expected.getKey());
            missing += expected.getValue() == null ? 1 : 0;
            check(what, answer, expected.getValue());
          }
        }
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + pmml, e);
      }
      seen.merge(
          pmml.replaceFirst("(?s).*</TransformationDictionary><(\\w+).*", "$1"), 1, Integer::sum);
    }
    assertThat(seen).hasSize(7);
    assertThat(seen.values()).allMatch(count -> count > 20);
    assertThat(missing).isGreaterThan(1000);
  }

  private static void check(String what, Object answer, Object expected) {
    if (expected == null) {
      assertThat(answer).as(what).isIn("", Double.NaN);
    } else if (expected instanceof Double number && Double.isFinite(number)) {
      assertThat((Double) answer)
          .as(what)
          .isCloseTo(number, within(1e-11 * Math.max(1, Math.abs(number))));
    } else {
      assertThat(answer).as(what).isEqualTo(expected);
    }
  }
}
