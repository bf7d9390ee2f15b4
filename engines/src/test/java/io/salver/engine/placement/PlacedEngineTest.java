package io.salver.engine.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.Batch;
import io.salver.engine.Device;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.testkit.HalfPlusTwo;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.TensorData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PlacedEngineTest {
  private static final ModelFiles FILES = new ModelFiles(Path.of("/models/m/1"));
  private static final Device CUDA = new Device("cuda", 0);
  private static final TensorData X = TensorData.floats("x", Shape.of(1), 4);

  /** Runs a number of copies of {@link HalfPlusTwo}, each of which notices a second run at once. */
  private static final class OneAtATime implements LoadedModel {
    private final HalfPlusTwo model = new HalfPlusTwo();
    private final boolean concurrent;
    private final Runnable during;
    private final AtomicInteger running = new AtomicInteger();

    OneAtATime(boolean concurrent, Runnable during) {
      this.concurrent = concurrent;
      this.during = during;
    }

    @Override
    public Map<String, Signature> signatures() {
      return model.signatures();
    }

    @Override
    public boolean isConcurrent() {
      return concurrent;
    }

    @Override
    public void run(Batch batch) {
      assertThat(running.incrementAndGet() == 1 || concurrent).isTrue();
      during.run();
      model.run(batch);
      running.decrementAndGet();
    }

    @Override
    public long memoryBytes() {
      return 100;
    }

    @Override
    public void close() {
      model.close();
    }
  }

  /** Knows cuda, of which the machine has none but number 7. */
  private static final class Fake implements Engine {
    private final List<OneAtATime> loaded = new ArrayList<>();
    private final List<EngineOptions> with = new ArrayList<>();
    private boolean concurrent = true;
    private int failFrom = Integer.MAX_VALUE;
    private Runnable during = () -> {};

    @Override
    public String name() {
      return "fake";
    }

    @Override
    public Inspection inspect(ModelFiles files) {
      return new Inspection.Ready(100);
    }

    @Override
    public Set<String> deviceKinds() {
      return Set.of("cpu", "cuda");
    }

    @Override
    public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
      if (!options.device().isCpu() && options.device().index() != 7) {
        throw new ModelLoadException("no CUDA-capable device is detected");
      }
      if (loaded.size() >= failFrom) {
        throw new ModelLoadException("out of memory");
      }
      with.add(options);
      OneAtATime model = new OneAtATime(concurrent, during);
      loaded.add(model);
      return model;
    }

    @Override
    public void close() {}
  }

  private final Fake fake = new Fake();
  private final PlacedEngine engine = new PlacedEngine(fake);

  private static EngineOptions on(Device... devices) {
    return EngineOptions.DEFAULT.withDevices(List.of(devices));
  }

  @Test
  void loadsAsBeforeWhereNothingIsSaid() throws Exception {
    try (LoadedModel model = engine.load(FILES, EngineOptions.DEFAULT)) {
      assertThat(model).isSameAs(fake.loaded.getFirst());
    }
  }

  @Test
  void aDeviceThatTheMachineHasNotIsTheReasonOfTheRefusal() {
    assertThatThrownBy(() -> engine.load(FILES, on(CUDA)))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("no CUDA-capable device is detected");
  }

  @Test
  void aKindThatTheEngineDoesNotKnowIsRefusedByName() {
    assertThatThrownBy(() -> engine.load(FILES, on(new Device("tensorrt", 0))))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage(
            "device: tensorrt:0 (expected: one of [cpu, cuda], on which the engine fake can run"
                + " models)");
  }

  @Test
  void theNextDeviceIsTakenWhereThatIsAskedFor() throws Exception {
    try (LoadedModel model = engine.load(FILES, on(CUDA, Device.CPU))) {
      assertThat(model.workers()).isZero();
      assertThat(fake.with).containsExactly(EngineOptions.DEFAULT);
    }
  }

  @Test
  void whereNoneWorksAllReasonsAreSaid() {
    fake.failFrom = 0;
    assertThatThrownBy(() -> engine.load(FILES, on(CUDA, Device.CPU)))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("not on cuda:0: no CUDA-capable device is detected; not on cpu: out of memory");
  }

  @Test
  void aLimitOfMemoryNeedsAnAccelerator() throws Exception {
    assertThatThrownBy(() -> engine.load(FILES, on(Device.CPU).withDeviceMemoryLimitBytes(5)))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("device_memory_limit_bytes: 5 on the device cpu (expected: an accelerator)");
    EngineOptions options = on(new Device("cuda", 7)).withDeviceMemoryLimitBytes(5);
    engine.load(FILES, options).close();
    assertThat(fake.with).containsExactly(options.withInstances(1));
  }

  @Test
  void anAcceleratorRunsOneRequestAtATimeUnlessMoreInstancesAreAskedFor() throws Exception {
    Device seven = new Device("cuda", 7);
    try (LoadedModel model = engine.load(FILES, on(seven))) {
      assertThat(model.workers()).isEqualTo(1);
      assertThat(model.memoryBytes()).isEqualTo(100);
      assertThat(model.isApproximate()).isTrue();
      assertThat(Runs.once(model, X)).containsKey("y");
    }
    try (LoadedModel model = engine.load(FILES, on(seven).withInstances(3))) {
      assertThat(model.workers()).isEqualTo(3);
      assertThat(model.memoryBytes()).isEqualTo(300);
      assertThat(fake.loaded).hasSize(4);
    }
  }

  @Test
  void onTheProcessorsAConcurrentModelIsLoadedOnceForAllItsInstances() throws Exception {
    try (LoadedModel model = engine.load(FILES, on(Device.CPU).withInstances(3))) {
      assertThat(model.workers()).isEqualTo(3);
      assertThat(model.isApproximate()).isFalse();
      assertThat(fake.loaded).hasSize(1);
      assertThat(Runs.once(model, X)).containsKey("y");
    }
  }

  @Test
  void aModelThatMayNotBeRunConcurrentlyIsLoadedForEachInstance() throws Exception {
    fake.concurrent = false;
    int instances = 3;
    CountDownLatch allRun = new CountDownLatch(instances);
    fake.during =
        () -> {
          allRun.countDown();
          try {
            allRun.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    try (LoadedModel model = engine.load(FILES, on(Device.CPU).withInstances(instances));
        ExecutorService threads = Executors.newFixedThreadPool(2 * instances)) {
      assertThat(model.isConcurrent()).isTrue();
      List<Future<Map<String, TensorData>>> answers = new ArrayList<>();
      for (int i = 0; i < 4 * instances; i++) {
        answers.add(threads.submit(() -> Runs.once(model, X)));
      }
      for (Future<Map<String, TensorData>> answer : answers) {
        assertThat(answer.get()).containsKey("y");
      }
    }
    assertThat(fake.loaded).hasSize(instances);
  }

  @Test
  void whoeverFindsNoInstanceIdleWaitsNoLongerThanItsDeadline() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    fake.during =
        () -> {
          running.countDown();
          try {
            go.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    try (LoadedModel model = engine.load(FILES, on(Device.CPU).withInstances(1));
        ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<Map<String, TensorData>> first = threads.submit(() -> Runs.once(model, X));
      running.await();
      long deadlineNs = System.nanoTime() + 1_000_000;
      assertThatThrownBy(
              () -> Runs.once(model, Runs.signature(model), null, List.of(X), deadlineNs))
          .isInstanceOfSatisfying(
              ServingException.class,
              e -> assertThat(e.category()).isEqualTo(Category.DEADLINE_EXCEEDED))
          .hasMessage("deadline: passed while all 1 instances of the model were in use");
      go.countDown();
      assertThat(first.get()).containsKey("y");
    }
  }

  @Test
  void whatWasLoadedIsClosedWhereAFurtherInstanceFails() {
    fake.concurrent = false;
    fake.failFrom = 2;
    assertThatThrownBy(() -> engine.load(FILES, on(Device.CPU).withInstances(3)))
        .hasMessage("out of memory");
    assertThat(fake.loaded).hasSize(2).allMatch(model -> model.model.isClosed());
  }
}
