package io.salver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.control.Configurations;
import io.salver.lifecycle.ModelConfig;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.ModelServerConfigs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelConfigFileTest {
  @TempDir Path root;
  private final Models models = new Models();
  private final List<ModelServerConfigs> taken = new ArrayList<>();
  private Path path;
  private ModelConfigFile file;

  @BeforeEach
  void setUp() throws IOException {
    path = root.resolve("models.txt");
    write("a");
    file = new ModelConfigFile(path, Set.of());
  }

  private void write(String model) throws IOException {
    Files.writeString(
        path, "model_config_list { config { name: '" + model + "' base_path: '/m' } }");
  }

  private void readOnce() {
    file.readOnce(models, taken::add);
  }

  @Test
  void whatHasNotChangedIsNotConfigured() throws IOException {
    readOnce();
    assertThat(models.asked).isZero();

    write("b");
    readOnce();
    readOnce();
    assertThat(models.asked).isEqualTo(1);
    assertThat(taken).hasSize(1);
  }

  @Test
  void whatWasRefusedIsTriedAgain() throws IOException {
    write("b");
    models.refuses = true;
    readOnce();
    assertThat(taken).isEmpty();

    models.refuses = false;
    readOnce();
    assertThat(taken).hasSize(1);
  }

  @Test
  void whatWasTakenTakesEffectEvenIfModelsDoNotSettleInTime() throws IOException {
    write("b");
    models.settles = false;
    readOnce();
    readOnce();
    assertThat(taken).hasSize(1);
    assertThat(models.asked).isEqualTo(1);
  }

  @Test
  void aFileThatIsWrongForAWhileChangesNothing() throws IOException {
    Files.writeString(path, "model_config_list {");
    readOnce();
    Files.delete(path);
    readOnce();
    assertThat(models.asked).isZero();
  }

  /** Takes, refuses, or does not settle, as the test says. */
  private static final class Models implements Configurations {
    private int asked;
    private boolean refuses;
    private boolean settles = true;

    @Override
    public Map<String, String> configure(
        List<ModelConfig> wanted, Duration limit, Runnable onTaken) {
      asked++;
      if (refuses) {
        throw new ServingException(Category.FAILED_PRECONDITION, "not now");
      }
      onTaken.run();
      if (!settles) {
        throw new ServingException(Category.DEADLINE_EXCEEDED, "not settled");
      }
      return Map.of();
    }
  }
}
