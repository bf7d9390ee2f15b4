package io.salver.engine.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are cut short, or say what cannot be. */
class TreesBrokenFilesTest {
  private static final int TRIES = 400;

  private static final String TREE =
      """
      {"learner":{"attributes":{},"gradient_booster":{"model":{"gbtree_model_param":{},
      "tree_info":[0],"trees":[{"categories":[],"categories_nodes":[],"categories_segments":[],
      "categories_sizes":[],"default_left":[0,0,0],"left_children":[1,-1,-1],
      "right_children":[2,-1,-1],"split_conditions":[0.5,1,2],"split_indices":[1,0,0],
      "split_type":[0,0,0],"tree_param":{"num_nodes":"3","size_leaf_vector":"1"}}]},
      "name":"gbtree"},"learner_model_param":{"base_score":"5E-1","num_class":"0",
      "num_feature":"2"},"objective":{"name":"reg:squarederror"}},"version":[2,0,3]}\
      """;

  private static final String TEXT =
      """
      tree
      version=v4
      num_class=1
      num_tree_per_iteration=1
      max_feature_idx=1
      objective=binary sigmoid:1
      tree_sizes=100

      Tree=0
      num_leaves=2
      num_cat=1
      split_feature=1
      threshold=0
      decision_type=1
      left_child=-1
      right_child=-2
      leaf_value=1 2
      cat_boundaries=0 1
      cat_threshold=5
      is_linear=0

      end of trees
      """;

  @TempDir Path temporary;

  private Map<String, byte[]> files() throws Exception {
    Random random = new Random(1);
    Map<String, byte[]> files = new LinkedHashMap<>();
    List<RandomTrees.Node> trees = RandomTrees.forest(random, 6, true);
    byte[] json = RandomTrees.json(trees, "binary:logistic", "5E-1", 0);
    files.put("model.json", json);
    files.put("model.ubj", RandomTrees.ubjson(JsonReader.read(json), random));
    files.put("model.txt", RandomTrees.text(trees, "binary sigmoid:1", 1));
    List<RandomTrees.Node> plain = RandomTrees.forest(random, 6, false);
    files.put("model.bst", RandomTrees.binary(plain, "binary:logistic", 0.5f));
    return files;
  }

  @Test
  void aFileThatIsCutShortIsRefused() throws Exception {
    for (Map.Entry<String, byte[]> file : files().entrySet()) {
      byte[] whole = file.getValue();
      int length = new String(whole, StandardCharsets.ISO_8859_1).stripTrailing().length();
      if (file.getKey().equals("model.txt")) {
        length = new String(whole, StandardCharsets.UTF_8).indexOf("end of trees");
      } else if (file.getKey().equals("model.bst")) {
        length = whole.length;
      }
      Random random = new Random(2);
      for (int i = 0; i < TRIES; i++) {
        int cut = random.nextInt(length);
        byte[] prefix = Arrays.copyOf(whole, cut);
        assertThatThrownBy(() -> TreeRuns.load(temporary, file.getKey(), prefix).close())
            .as("%s cut to %d bytes", file.getKey(), cut)
            .isInstanceOf(ModelLoadException.class);
      }
    }
  }

  @Test
  void aFileWithWrongBytesLoadsOrIsRefused() throws Exception {
    int refused = 0;
    for (Map.Entry<String, byte[]> file : files().entrySet()) {
      Random random = new Random(3);
      for (int i = 0; i < TRIES; i++) {
        byte[] wrong = file.getValue().clone();
        for (int j = 0; j <= random.nextInt(3); j++) {
          wrong[random.nextInt(wrong.length)] = (byte) random.nextInt(256);
        }
        try (LoadedModel model = TreeRuns.load(temporary, file.getKey(), wrong)) {
          int features = (int) TreeRuns.signature(model).inputs().get(0).shape().dim(1);
          if (features < 1000) {
            TreeRuns.answers(model, new double[Math.max(1, features)]);
          }
        } catch (ModelLoadException e) {
          refused++;
        } catch (io.salver.predict.ServingException e) {
          assertThat(e).hasMessageContaining("shape");
        }
      }
    }
    assertThat(refused).isGreaterThan(TRIES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"left_children\":[1,-1,-1] | \"left_children\":[7,-1,-1] | child 7",
        "\"left_children\":[1,-1,-1] | \"left_children\":[0,-1,-1] | child 0",
        "\"left_children\":[1,-1,-1] | \"left_children\":[2,-1,-1] | child 2",
        "\"left_children\":[1,-1,-1] | \"left_children\":[-5,-1,-1] | child -5",
        "\"left_children\":[1,-1,-1] | \"left_children\":[1,-1] | num_nodes, 3",
        "\"split_indices\":[1,0,0] | \"split_indices\":[2,0,0] | feature 2 (expected: 0 to 1)",
        "[0.5,1,2] | [NaN,1,2] | threshold NaN",
        "[0.5,1,2] | [0.5,NaN,2] | leaf value NaN",
        "\"num_nodes\":\"3\" | \"num_nodes\":\"2000000000\" | 3 nodes",
        "\"num_nodes\":\"3\" | \"num_nodes\":\"-3\" | expected: a whole number, >= 1",
        "\"num_feature\":\"2\" | \"num_feature\":\"-2\" | learner_model_param.num_feature: \"-2\"",
        "\"num_class\":\"0\" | \"num_class\":\"2000000000\" | classes or targets: 2000000000",
        "\"tree_info\":[0] | \"tree_info\":[1] | group 1",
        "\"size_leaf_vector\":\"1\" | \"size_leaf_vector\":\"3\" | size_leaf_vector: 3",
        "reg:squarederror | reg:mine | objective: \"reg:mine\"",
        "5E-1 | half | base_score: \"half\"",
        "5E-1 | [1,2,3] | base_score: 3 values",
        "\"categories_nodes\":[] | \"categories_nodes\":[9] | categories_segments",
        "\"name\":\"gbtree\" | \"name\":\"forest\" | expected: gbtree, dart or gblinear",
      })
  void whatCannotBeInADocumentIsTold(String from, String to, String message) {
    assertTold("model.json", TREE, from, to, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "num_leaves=2 | num_leaves=2000000000 | leaf_value has 2 numbers",
        "num_leaves=2 | num_leaves=-2 | num_leaves=-2",
        "left_child=-1 | left_child=0 | child 0",
        "left_child=-1 | left_child=-9 | child -9",
        "left_child=-1 | left_child=-2 | child",
        "split_feature=1 | split_feature=2 | feature 2 (expected: 0 to 1)",
        "threshold=0 | threshold=1 | threshold 1.0 of a categorical split",
        "cat_boundaries=0 1 | cat_boundaries=0 2 | cat_boundaries 0 2",
        "cat_boundaries=0 1 | cat_boundaries=1 0 | cat_boundaries 1 0",
        "cat_threshold=5 | cat_threshold=-5 | cat_threshold has -5.0",
        "num_cat=1 | num_cat=2000000000 | cat_boundaries has 2 numbers",
        "decision_type=1 | decision_type=12 | decision_type 12",
        "leaf_value=1 2 | leaf_value=1 nan | leaf value NaN",
        "leaf_value=1 2 | leaf_value=1 two | \"two\"",
        "objective=binary sigmoid:1 | objective=mine | objective: \"mine\"",
        "objective=binary sigmoid:1 | objective=binary sigmoid:-1 | sigmoid > 0",
        "tree_sizes=100 | tree_sizes=100 200 | 1 trees (expected: 2",
        "is_linear=0 | is_linear=1 | no field \"leaf_const\"",
        "max_feature_idx=1 | max_feature_idx=2000000000 | 2000000000",
      })
  void whatCannotBeInATextIsTold(String from, String to, String message) {
    assertTold("model.txt", TEXT, from, to, message);
  }

  private void assertTold(String file, String whole, String from, String to, String message) {
    assertThat(whole).contains(from);
    byte[] broken = whole.replace(from, to).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> TreeRuns.load(temporary, file, broken).close())
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining(file)
        .hasMessageContaining(message)
        .hasMessageContaining("(expected:");
  }

  @Test
  void deepNestingIsRefusedBeforeTheStackEnds() {
    byte[] json = "[".repeat(1_000_000).getBytes(StandardCharsets.US_ASCII);
    assertThatThrownBy(() -> JsonReader.read(json)).hasMessageContaining("nested deeper than 64");
    assertThatThrownBy(() -> UbjsonReader.read(json)).hasMessageContaining("nested deeper than 64");
  }

  @Test
  void aCountThatTheFileIsTooShortForAllocatesNothing() {
    byte[] ubjson = {'[', '$', 'D', '#', 'L', 0, 0, 0, 0, 0x7f, -1, -1, -1, 0, 0};
    assertThatThrownBy(() -> UbjsonReader.read(ubjson))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("a count of 2147483647");
  }

  @Test
  void aTreeAsDeepAsItIsLongLoads() throws Exception {
    int count = 100_000;
    int[] left = new int[2 * count + 1];
    int[] right = new int[2 * count + 1];
    Arrays.fill(left, -1);
    for (int i = 0; i < count; i++) {
      left[2 * i] = 2 * i + 1;
      right[2 * i] = 2 * i + 2;
    }
    double[] value = new double[left.length];
    value[2 * count] = 7;
    ForestBuilder builder = new ForestBuilder(1, 1);
    builder.add(
        new TreeNodes(
            left, right, new int[left.length], value, new byte[left.length], null, null, null),
        0);
    double[] sums = new double[1];
    builder.build(new double[1], true).score(new double[] {1}, 1, sums);
    assertThat(sums).containsExactly(7);
  }

  @Test
  void filesAreKnownByWhatIsInThem() throws Exception {
    for (Map.Entry<String, byte[]> file : files().entrySet()) {
      Path version = Files.createTempDirectory(temporary, "known");
      Files.write(version.resolve("any.name"), file.getValue());
      Files.write(version.resolve("README"), new byte[] {'#'});
      try (TreesEngine engine = new TreesEngine()) {
        assertThat(engine.inspect(new ModelFiles(version)))
            .as(file.getKey())
            .isInstanceOf(io.salver.engine.Inspection.Ready.class);
        Files.delete(version.resolve("any.name"));
        assertThat(engine.inspect(new ModelFiles(version)))
            .isInstanceOf(io.salver.engine.Inspection.NotMine.class);
      }
    }
  }

  @Test
  void rowsOfAnotherWidthAreRefusedWithTheWidthThatIsExpected() throws Exception {
    byte[] file = TREE.getBytes(StandardCharsets.UTF_8);
    try (LoadedModel model = TreeRuns.load(temporary, "model.json", file)) {
      assertThatThrownBy(() -> TreeRuns.answers(model, new double[3]))
          .isInstanceOf(io.salver.predict.ServingException.class)
          .hasMessage("input-0: shape [1,3] (expected: [-1,2])");
      assertThat(TreeRuns.answers(model, new double[] {0, 0.5}, new double[] {9, 0.25}))
          .containsExactly(2.5, 1.5);
    }
  }
}
