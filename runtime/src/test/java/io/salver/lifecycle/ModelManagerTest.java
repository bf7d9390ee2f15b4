package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.Engine;
import io.salver.model.ModelLease;
import io.salver.model.ModelSource.Wanted;
import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.NativeMemory;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.testkit.FakeEngine;
import io.salver.testkit.HalfPlusTwo;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The manager with its own threads. */
@Timeout(60)
class ModelManagerTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final LifecycleOptions OPTIONS =
      LifecycleOptions.DEFAULT.withFileWatching(Duration.ZERO, Duration.ofMillis(5));

  @TempDir Path root;
  private final FakeEngine engine = new FakeEngine("fake");
  private final Semaphore available = new Semaphore(0);
  private final LifecycleListener listener =
      new LifecycleListener() {
        @Override
        public void onLoaded(ModelVersion version, Duration took, boolean onDemand) {
          available.release();
        }
      };

  private ModelManager manager(ConfigurableSource source) {
    return new ModelManager(
        OPTIONS, List.<Engine>of(engine), InlineRunner::new, List.of(), source, listener);
  }

  private ModelConfig config(String model) {
    return new ModelConfig(model, root.resolve(model), "", VersionPolicy.LATEST, Map.of());
  }

  private void write(String model, String content) throws IOException {
    FakeEngine.write(root.resolve(model).resolve("1"), content);
  }

  @Test
  void modelsAreServedFromTheStartAndUnloadedAtTheEnd() throws Exception {
    write("a", "ready");
    write("b", "broken");
    long liveBytes = NativeMemory.liveBytes();
    ModelManager manager = manager(new FileSystemSource(Duration.ofMillis(5)));
    assertThat(manager.isReady()).isFalse();
    manager.start(List.of(config("a"), config("b")));
    assertThat(available.tryAcquire(20, TimeUnit.SECONDS)).isTrue();

    manager.lease("a", VersionSelector.LATEST).close();
    Map<String, String> failures = manager.configure(List.of(config("a"), config("b")), LIMIT);
    assertThat(failures).isEmpty();
    manager.drain();
    assertThat(manager.isReady()).isFalse();
    manager.lease("a", VersionSelector.LATEST).close();
    assertThat(manager.shutDown(LIMIT)).isTrue();
    assertThatThrownBy(() -> manager.lease("a", VersionSelector.LATEST))
        .isInstanceOf(ServingException.class);
    assertThat(NativeMemory.liveBytes()).isEqualTo(liveBytes);
  }

  @Test
  void configureBlocksUntilNewModelsAreThereOrFailed() throws Exception {
    write("a", "ready");
    write("b", "broken");
    try (ModelManager manager = manager(new FileSystemSource(Duration.ofMillis(5)))) {
      manager.start(List.of());
      Map<String, String> failures =
          manager.configure(List.of(config("a"), config("b"), config("c")), LIMIT);

      assertThat(failures).containsOnlyKeys("b", "c");
      assertThat(failures.get("b")).contains("model.fake: broken (expected: ready)");
      assertThat(manager.statuses()).extracting(ModelStatus::name).containsExactly("a", "b", "c");
      assertThat(manager.status("a").orElseThrow().engine()).isEqualTo("fake");
    }
  }

  @Test
  void aModelThatHangsWhileItIsLoadedHoldsUpNoOther() throws Exception {
    write("slow", "ready");
    write("a", "ready");
    CountDownLatch release = new CountDownLatch(1);
    engine.onLoad(directory -> {
      if (directory.startsWith(root.resolve("slow"))) {
        await(release);
      }
    });
    try (ModelManager manager = manager(new FileSystemSource(Duration.ofMillis(5)))) {
      manager.start(List.of(config("slow")));
      Map<String, String> failures = manager.configure(List.of(config("slow"), config("a")), LIMIT);

      assertThat(failures).isEmpty();
      manager.lease("a", VersionSelector.LATEST).close();
      assertThat(manager.isReady()).isFalse();
      assertThatThrownBy(() -> manager.lease("slow", VersionSelector.LATEST))
          .hasMessage("Servable not found for request: Latest(slow)");
      release.countDown();
      assertThat(available.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
      manager.lease("slow", VersionSelector.LATEST).close();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void startIsCalledOnceAndARefusedConfigurationBeginsNothing() {
    try (ModelManager manager = manager(new ManualSource())) {
      assertThatThrownBy(() -> manager.start(List.of(config("a"), config("a"))))
          .hasMessage("Illegal to list model a multiple times in config list");
      manager.start(List.of());
      assertThat(manager.isReady()).isTrue();
      assertThatThrownBy(() -> manager.start(List.of())).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aThousandSwapsUnderLoadFailNoRequestAndLeaveNoMemory() throws Exception {
    Path directory = FakeEngine.write(root.resolve("m/1"), "ready");
    long liveBytes = NativeMemory.liveBytes();
    ManualSource source = new ManualSource();
    ModelManager manager = manager(source);
    manager.start(List.of(config("m")));
    swapTo(source, directory, 1);

    Load load = new Load(manager);
    for (long version = 2; version <= 1_000; version++) {
      swapTo(source, directory, version);
    }
    load.stop();

    assertThat(load.failure.get()).isNull();
    assertThat(load.answered.get()).isPositive();
    assertThat(load.versions.size()).isGreaterThan(10);
    assertThat(manager.shutDown(LIMIT)).isTrue();
    assertThat(engine.loaded()).hasSize(1_000).allMatch(FakeEngine.Model::isClosed);
    assertThat(NativeMemory.liveBytes()).isEqualTo(liveBytes);
  }

  private void swapTo(ManualSource source, Path directory, long version)
      throws InterruptedException {
    source.publish("m", new Wanted(version, directory));
    assertThat(available.tryAcquire(20, TimeUnit.SECONDS)).as("version " + version).isTrue();
  }

  /** Four threads that predict without a pause. */
  private static final class Load {
    private final ModelManager manager;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong answered = new AtomicLong();
    private final Set<Long> versions = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Load(ModelManager manager) {
      this.manager = manager;
      for (int i = 0; i < 4; i++) {
        threads.add(Thread.ofPlatform().start(this::run));
      }
    }

    private void run() {
      try (ArenaPool arenas = new ArenaPool(1 << 20)) {
        while (!stopped.get()) {
          predict(arenas);
        }
      } catch (Throwable t) {
        failure.set(t);
      }
    }

    private void predict(ArenaPool arenas) {
      try (ModelLease lease = manager.lease("m", VersionSelector.LATEST);
          TensorArena arena = arenas.take()) {
        Tensor x = arena.allocate(DType.FLOAT32, Shape.of(1));
        x.data().set(ValueLayout.JAVA_FLOAT, 0, 2f);
        PredictRequest request =
            new PredictRequest(
                lease,
                HalfPlusTwo.SIGNATURE,
                new Tensor[] {x},
                null,
                arena,
                System.nanoTime(),
                Long.MAX_VALUE);
        lease.predictor().predict(request, this.new Check());
        versions.add(lease.version().version());
        if (((FakeEngine.Model) lease.model()).isClosed()) {
          throw new AssertionError("closed while leased");
        }
      }
    }

    void stop() throws InterruptedException {
      stopped.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }

    private final class Check implements Reply {
      @Override
      public void succeeded(PredictRequest request) {
        if (request.output(0).getFloat(0) != 3f) {
          throw new AssertionError("2 / 2 + 2 is not " + request.output(0).getFloat(0));
        }
        answered.incrementAndGet();
      }

      @Override
      public void failed(PredictRequest request, ServingException e) {
        throw e;
      }
    }
  }
}
