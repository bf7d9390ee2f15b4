package io.salver.server.triton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.batching.ModelRunner;
import io.salver.batching.RunnerConfig;
import io.salver.lifecycle.FileSystemSource;
import io.salver.lifecycle.LifecycleListener;
import io.salver.lifecycle.LifecycleOptions;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.ModelManager;
import io.salver.lifecycle.VersionPolicy;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.triton.RepositoryControl.Indexed;
import io.salver.testkit.FakeEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RepositoryControlTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path root;
  private Path repository;
  private final FakeEngine engine = new FakeEngine("onnx");
  private ModelManager manager;
  private final List<RepositoryControl> controls = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    repository = Files.createDirectory(root.resolve("repository"));
    manager =
        new ModelManager(
            LifecycleOptions.DEFAULT.withFileWatching(Duration.ZERO, Duration.ofMillis(5)),
            List.of(new ConfiguredEngine(engine)),
            ModelRunner.factory(RunnerConfig.DEFAULT),
            List.of(),
            new FileSystemSource(Duration.ofMillis(5)),
            new LifecycleListener() {});
    manager.start(List.of());
  }

  @AfterEach
  void close() {
    controls.forEach(RepositoryControl::close);
    manager.close();
    assertThat(engine.loaded()).allMatch(FakeEngine.Model::isClosed);
  }

  private RepositoryControl control(boolean explicit, boolean uploads) {
    RepositoryControl control =
        new RepositoryControl(
            new RepositoryControl.Options(
                explicit, uploads, Optional.of(new TritonRepository(repository)), LIMIT),
            manager,
            manager);
    controls.add(control);
    return control;
  }

  private Path write(String model, long version, String content) throws IOException {
    return FakeEngine.write(repository.resolve(model).resolve(Long.toString(version)), content);
  }

  private long served(String model) {
    try (ModelLease lease = manager.lease(model, VersionSelector.LATEST)) {
      return lease.version().version();
    }
  }

  private int maxBatchSize(String model) {
    try (ModelLease lease = manager.lease(model, VersionSelector.LATEST)) {
      return TritonConfig.of(lease.model()).map(TritonConfig::maxBatchSize).orElse(-1);
    }
  }

  private static Overrides config(String json) {
    return new Overrides(Optional.of(json), Map.of());
  }

  private static void assertRefused(Runnable action, Category category, String... parts) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            ServingException.class,
            e -> {
              assertThat(e.category()).isEqualTo(category);
              assertThat(e.getMessage()).contains(parts);
            });
  }

  @Test
  void modelsOfTheRepositoryAreLoadedAndUnloadedByName() throws IOException {
    RepositoryControl control = control(true, false);
    write("a", 1, "ready");
    write("a", 3, "ready");
    assertThat(control.index(false)).containsExactly(new Indexed("a", "", "", ""));

    control.load("a", Overrides.NONE);
    assertThat(served("a")).isEqualTo(3);
    assertThat(control.index(true)).containsExactly(new Indexed("a", "3", "READY", ""));

    control.unload("a");
    assertThatThrownBy(() -> served("a")).isInstanceOf(ServingException.class);
    assertThat(control.index(true)).isEmpty();
    control.unload("a");
    control.unload("never there");

    control.load("a", Overrides.NONE);
    assertThat(served("a")).isEqualTo(3);
  }

  @Test
  void aConfiguredModelIsGoneUntilItIsLoadedAgain() throws IOException {
    RepositoryControl control = control(true, false);
    Path elsewhere = root.resolve("elsewhere");
    FakeEngine.write(elsewhere.resolve("7"), "ready");
    ModelConfig configured =
        new ModelConfig("c", elsewhere, "", VersionPolicy.LATEST, Map.of("stable", 7L));
    control.configured(List.of(configured));
    assertThat(manager.configure(List.of(configured), LIMIT)).isEmpty();
    assertThat(served("c")).isEqualTo(7);

    control.unload("c");
    assertThat(control.index(false)).extracting(Indexed::name).contains("c");
    assertThat(control.index(true)).isEmpty();
    control.load("c", Overrides.NONE);
    manager.lease("c", new VersionSelector.Labelled("stable")).close();
  }

  @Test
  void loadingAgainTakesWhatTheFilesAreNowWithoutAGap() throws IOException {
    RepositoryControl control = control(true, false);
    write("a", 1, "ready");
    control.load("a", Overrides.NONE);
    assertThat(maxBatchSize("a")).isEqualTo(-1);
    engine.onLoad(directory -> assertThat(served("a")).isEqualTo(1));

    for (int size = 2; size < 5; size++) {
      Files.writeString(
          repository.resolve("a").resolve(TritonConfig.FILE_NAME), "max_batch_size: " + size);
      control.load("a", Overrides.NONE);
      assertThat(maxBatchSize("a")).isEqualTo(size);
    }
    assertThat(engine.loaded()).hasSize(4);
  }

  @Test
  void aConfigOverrideHoldsUntilTheNextLoad() throws IOException {
    RepositoryControl control = control(true, false);
    write("a", 1, "ready");
    write("a", 2, "ready");
    control.load("a", Overrides.NONE);
    assertThat(served("a")).isEqualTo(2);

    control.load(
        "a",
        config(
            "{\"backend\": \"onnxruntime\", \"max_batch_size\": 5,"
                + " \"version_policy\": {\"specific\": {\"versions\": [1]}}}"));
    assertThat(maxBatchSize("a")).isEqualTo(5);
    assertThat(manager.configured("a").orElseThrow().versions().toString()).contains("1");
    manager.lease("a", new VersionSelector.Exact(1)).close();

    control.load("a", Overrides.NONE);
    assertThat(served("a")).isEqualTo(2);
    assertThat(maxBatchSize("a")).isEqualTo(-1);
  }

  @Test
  void whatCannotBeLoadedLeavesWhatAnsweredBefore() throws IOException {
    RepositoryControl control = control(true, false);
    write("a", 1, "ready");
    control.load("a", Overrides.NONE);
    assertRefused(
        () -> control.load("a", config("{\"max_batch_size\": -4}")),
        Category.INVALID_ARGUMENT,
        "load failed for model 'a': version 1: ",
        "max_batch_size: -4 (expected: >= 0)");
    assertThat(served("a")).isEqualTo(1);
    assertThat(maxBatchSize("a")).isEqualTo(-1);
    assertThat(control.index(true)).containsExactly(new Indexed("a", "1", "READY", ""));

    write("b", 1, "broken");
    assertRefused(
        () -> control.load("b", Overrides.NONE),
        Category.INVALID_ARGUMENT,
        "load failed for model 'b'",
        "broken (expected: ready)");
    write("b", 1, "ready");
    control.load("b", Overrides.NONE);
    assertThat(served("b")).isEqualTo(1);
  }

  @Test
  void filesThatComeWithTheRequestAreServedAndDeletedAtTheEnd() throws IOException {
    RepositoryControl control = control(true, true);
    Overrides upload =
        new Overrides(
            Optional.of("{\"max_batch_size\": 3}"),
            Map.of("4/model.fake", "ready".getBytes(StandardCharsets.UTF_8)));
    control.load("new", upload);
    assertThat(served("new")).isEqualTo(4);
    assertThat(maxBatchSize("new")).isEqualTo(3);
    Path directory = engine.loaded().getFirst().directory();
    assertThat(directory).exists().doesNotHaveToString(repository.toString());
    assertThat(Files.getPosixFilePermissions(directory.getParent().getParent().getParent()))
        .hasSize(3);

    control.unload("new");
    assertThat(directory).doesNotExist();
    control.load("new", upload);
    control.close();
    assertThat(engine.loaded().getLast().directory().getParent()).doesNotExist();
    assertThat(served("new")).isEqualTo(4);
    assertRefused(() -> control.load("new", upload), Category.UNAVAILABLE, "shutting down");
  }

  @Test
  void filesThatComeWithTheRequestAreRefusedUnlessAllowed() throws IOException {
    RepositoryControl control = control(true, false);
    write("a", 1, "ready");
    Overrides upload = new Overrides(Optional.of("{}"), Map.of("1/model.fake", new byte[0]));
    assertRefused(() -> control.load("a", upload), Category.PERMISSION_DENIED, "file: 1 overrides");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/etc/passwd",
        "../x",
        "1/../../x",
        "1//x",
        "1/.",
        "1/",
        "1\\x",
        "a\0b",
        "config.pbtxt"
      })
  void aFileIsWrittenNowhereButBelowTheModel(String path) {
    assertRefused(
        () -> new Overrides(Optional.of("{}"), Map.of(path, new byte[1])),
        Category.INVALID_ARGUMENT,
        "file:" + path);
  }

  @Test
  void filesNeedAConfigurationAndAreBoundedInNumber() {
    assertRefused(
        () -> new Overrides(Optional.empty(), Map.of("1/x", new byte[1])),
        Category.INVALID_ARGUMENT,
        "without config");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{\"max_batch_sise\": 1}", "{\"max_batch_size\": \"a\"}"})
  void aConfigOverrideThatIsNoneIsRefused(String json) throws IOException {
    write("a", 1, "ready");
    assertRefused(
        () -> control(true, false).load("a", config(json)),
        Category.INVALID_ARGUMENT,
        "Invalid config override: ");
  }

  @Test
  void unknownModelsAndNamesThatLeadElsewhereAreRefused() {
    RepositoryControl control = control(true, true);
    assertRefused(
        () -> control.load("absent", Overrides.NONE),
        Category.NOT_FOUND,
        "failed to load 'absent', failed to poll from model repository");
    for (String name : new String[] {"", "..", "../repository", "a/b", ".hidden"}) {
      assertRefused(
          () -> control.load(name, Overrides.NONE),
          Category.INVALID_ARGUMENT,
          "invalid model name '" + name + "'");
    }
  }

  @Test
  void whereModelsAreNotControlledByRequestNothingChanges() throws IOException {
    RepositoryControl control = control(false, true);
    write("a", 1, "ready");
    String expected = "explicit model load / unload is not allowed if polling is enabled";
    assertRefused(() -> control.load("a", Overrides.NONE), Category.UNAVAILABLE, expected);
    assertRefused(() -> control.unload("a"), Category.UNAVAILABLE, expected);
    assertThat(control.index(false)).containsExactly(new Indexed("a", "", "", ""));
  }

  @Test
  void whereTheRepositoryIsFollowedModelsComeAndGoWithTheirDirectories() throws IOException {
    RepositoryControl control = control(false, false);
    Path elsewhere = root.resolve("elsewhere");
    FakeEngine.write(elsewhere.resolve("1"), "ready");
    ModelConfig configured = new ModelConfig("c", elsewhere, "", VersionPolicy.LATEST, Map.of());
    control.configured(List.of(configured));
    assertThat(manager.configure(List.of(configured), LIMIT)).isEmpty();
    write("a", 1, "ready");
    write("b", 1, "ready");
    write("c", 9, "ready");
    control.follow();
    assertThat(manager.await("a", LIMIT)).isEmpty();
    assertThat(manager.await("b", LIMIT)).isEmpty();
    assertThat(served("c")).isEqualTo(1);

    Overlay.deleteTree(repository.resolve("b"));
    control.follow();
    assertThatThrownBy(() -> served("b")).isInstanceOf(ServingException.class);
    assertThat(served("a")).isEqualTo(1);
    assertThat(served("c")).isEqualTo(1);

    Overlay.deleteTree(repository.resolve("a"));
    Overlay.deleteTree(repository.resolve("c"));
    control.follow();
    assertThat(served("a")).isEqualTo(1);
    Overlay.deleteTree(repository);
    assertRefused(control::follow, Category.UNAVAILABLE, "cannot be read");
    assertThat(served("a")).isEqualTo(1);
  }

  @Test
  void theIndexSaysWhyAModelIsNotReady() throws IOException {
    RepositoryControl control = control(true, false);
    write("broken", 1, "broken");
    ModelConfig nowhere =
        new ModelConfig("nowhere", root.resolve("nowhere"), "", VersionPolicy.LATEST, Map.of());
    ModelConfig broken =
        new ModelConfig("broken", repository.resolve("broken"), "", VersionPolicy.LATEST, Map.of());
    assertThat(manager.configure(List.of(nowhere, broken), LIMIT)).hasSize(2);
    assertThat(control.index(false))
        .satisfiesExactly(
            entry -> {
              assertThat(entry.state()).isEqualTo("UNAVAILABLE");
              assertThat(entry.version()).isEqualTo("1");
              assertThat(entry.reason()).contains("broken (expected: ready)");
            },
            entry -> {
              assertThat(entry.state()).isEqualTo("UNAVAILABLE");
              assertThat(entry.version()).isEmpty();
              assertThat(entry.reason()).contains("Could not find base path");
            });
  }
}
