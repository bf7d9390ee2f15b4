package io.salver.engine.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageStepTest {
  private static final ModelFiles NO_FILES = new ModelFiles(Path.of("no-such-directory"));

  private final Random random = new Random(20261127);
  private final StepRuns runs = new StepRuns();

  @AfterEach
  void close() {
    runs.close();
  }

  private static StepSpec.Image spec(StepSpec.Resize resize) {
    return new StepSpec.Image(
        "image",
        "x",
        List.of(),
        resize,
        1,
        StepSpec.Color.RGB,
        0,
        255,
        List.of(),
        List.of(),
        10_000);
  }

  private static StepSpec.Image with(
      StepSpec.Color color, double low, double high, List<Double> mean, List<Double> std) {
    return new StepSpec.Image(
        "image", "x", List.of(), StepSpec.Resize.STRETCH, 1, color, low, high, mean, std, 10_000);
  }

  private static LoadedModel model(StepSpec.Image spec, DType dtype, long... shape)
      throws ModelLoadException {
    EchoModel model = new EchoModel(TensorSpec.of("x", dtype, Shape.of(shape)));
    return Steps.around(model, NO_FILES, List.of(spec), List.of());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10_000})
  void itsExamplesAreImagesThatItTakesAndTellsApart(int maxPixels) throws Exception {
    StepSpec.Image spec =
        new StepSpec.Image(
            "image",
            "x",
            List.of(),
            StepSpec.Resize.CROP,
            1,
            StepSpec.Color.RGB,
            0,
            255,
            List.of(),
            List.of(),
            maxPixels);
    LoadedModel model = model(spec, DType.FLOAT32, -1, 5, 5, 3);
    List<byte[]> examples = model.examples(model.defaultSignature(), 0);
    assertThat(examples).hasSize(4);
    Tensor decoded = runs.run(model, runs.bytes(examples.toArray(byte[][]::new))).output(0);
    for (int i = 0; i < 4; i++) {
      for (int other = 0; other < i; other++) {
        assertThat(decoded.rows(i, 1).data().mismatch(decoded.rows(other, 1).data()))
            .isNotEqualTo(-1);
      }
    }
  }

  private BufferedImage noise(int height, int width, int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int band = 0; band < image.getRaster().getNumBands(); band++) {
          image.getRaster().setSample(x, y, band, random.nextInt(256));
        }
      }
    }
    return image;
  }

  private static byte[] encoded(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).as(format).isTrue();
    return out.toByteArray();
  }

  private float[] run(LoadedModel model, byte[]... images) {
    return StepRuns.floats(runs.run(model, runs.bytes(images)).output(0));
  }

  /** The values of the first pixel. */
  private float[] first(LoadedModel model, byte[] image) {
    return Arrays.copyOf(run(model, image), 3);
  }

  private static int sample(BufferedImage image, int y, int x, int c) {
    return image.getRaster().getSample(x, y, c);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp"})
  void anImageOfTheModelsSizeComesAsItIs(String format) throws Exception {
    BufferedImage image = noise(5, 7, BufferedImage.TYPE_3BYTE_BGR);
    float[] last =
        run(
            model(spec(StepSpec.Resize.STRETCH), DType.FLOAT32, -1, 5, 7, 3),
            encoded(image, format));
    float[] first =
        run(model(spec(StepSpec.Resize.CROP), DType.FLOAT32, -1, 3, 5, 7), encoded(image, format));
    for (int y = 0; y < 5; y++) {
      for (int x = 0; x < 7; x++) {
        for (int c = 0; c < 3; c++) {
          assertThat(last[(y * 7 + x) * 3 + c]).isEqualTo(sample(image, y, x, c));
          assertThat(first[(c * 5 + y) * 7 + x]).isEqualTo(sample(image, y, x, c));
        }
      }
    }
  }

  @Test
  void aJpegComesCloseToWhatItWas() throws Exception {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 16; x++) {
        image.setRGB(x, y, 0x8040C0);
      }
    }
    float[] values =
        run(
            model(spec(StepSpec.Resize.STRETCH), DType.FLOAT32, -1, 8, 8, 3),
            encoded(image, "jpg"));
    for (int i = 0; i < values.length; i += 3) {
      assertThat(values[i]).isCloseTo(0x80, within(4f));
      assertThat(values[i + 1]).isCloseTo(0x40, within(4f));
      assertThat(values[i + 2]).isCloseTo(0xC0, within(4f));
    }
  }

  @Test
  void brightnessIsNotChangedByAGammaOfItsOwn() throws Exception {
    BufferedImage image = noise(4, 4, BufferedImage.TYPE_BYTE_GRAY);
    float[] one =
        run(
            model(spec(StepSpec.Resize.STRETCH), DType.FLOAT32, -1, 4, 4, 1),
            encoded(image, "png"));
    float[] three =
        run(
            model(spec(StepSpec.Resize.STRETCH), DType.FLOAT32, -1, 4, 4, 3),
            encoded(image, "png"));
    float[] none =
        run(model(spec(StepSpec.Resize.STRETCH), DType.FLOAT32, -1, 4, 4), encoded(image, "png"));
    for (int i = 0; i < 16; i++) {
      int expected = sample(image, i / 4, i % 4, 0);
      assertThat(one[i]).isEqualTo(expected);
      assertThat(none[i]).isEqualTo(expected);
      assertThat(Arrays.copyOfRange(three, 3 * i, 3 * i + 3)).containsOnly(expected);
    }
  }

  @Test
  void palettesAndTransparencyAreColours() throws Exception {
    BufferedImage palette = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_INDEXED);
    BufferedImage alpha = new BufferedImage(8, 8, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 8; x++) {
        palette.setRGB(x, y, x < 4 ? 0xFFFF0000 : 0xFF0000FF);
        alpha.setRGB(x, y, x < 4 ? 0x80FF0000 : 0x000000FF);
      }
    }
    LoadedModel model = model(spec(StepSpec.Resize.STRETCH), DType.FLOAT32, -1, 2, 2, 3);
    assertThat(run(model, encoded(palette, "gif"), encoded(alpha, "png")))
        .containsExactly(
            new float[] {
              255 * 6 / 7f, 0, 255 / 7f, 255 / 7f, 0, 255 * 6 / 7f, 255 * 6 / 7f, 0, 255 / 7f,
                  255 / 7f, 0, 255 * 6 / 7f, //
              255 * 6 / 7f, 0, 255 / 7f, 255 / 7f, 0, 255 * 6 / 7f, 255 * 6 / 7f, 0, 255 / 7f,
                  255 / 7f, 0, 255 * 6 / 7f
            },
            within(0.01f));
  }

  @Test
  void imagesOfFewerOrMoreBitsAreAsBrightAsOthers() throws Exception {
    BufferedImage few = new BufferedImage(4, 4, BufferedImage.TYPE_USHORT_565_RGB);
    BufferedImage many = new BufferedImage(4, 4, BufferedImage.TYPE_USHORT_GRAY);
    for (int i = 0; i < 16; i++) {
      few.setRGB(i % 4, i / 4, 0xFFFF00FF);
      many.getRaster().setSample(i % 4, i / 4, 0, 0x8000);
    }
    LoadedModel model = model(spec(StepSpec.Resize.STRETCH), DType.FLOAT32, -1, 4, 4, 3);
    assertThat(run(model, encoded(few, "bmp"))).startsWith(255, 0, 255);
    assertThat(run(model, encoded(many, "png"))).containsOnly(127);
  }

  @Test
  void manyImagesOfAnySizeAreOneTensor() throws Exception {
    LoadedModel model = model(spec(StepSpec.Resize.PAD), DType.FLOAT32, -1, 4, 4, 3);
    Tensor output =
        runs.run(
                model,
                runs.bytes(
                    encoded(noise(9, 2, BufferedImage.TYPE_3BYTE_BGR), "png"),
                    encoded(noise(1, 1, BufferedImage.TYPE_3BYTE_BGR), "png"),
                    encoded(noise(3, 30, BufferedImage.TYPE_BYTE_GRAY), "png")))
            .output(0);
    assertThat(output.shape()).isEqualTo(Shape.of(3, 4, 4, 3));
  }

  @ParameterizedTest
  @CsvSource({"STRETCH", "CROP", "PAD"})
  void resizingIsTheWeightedMeanOfWhatAPixelCovers(StepSpec.Resize resize) throws Exception {
    for (int round = 0; round < 20; round++) {
      int height = 4 + random.nextInt(8);
      int width = 4 + random.nextInt(8);
      BufferedImage image =
          noise(1 + random.nextInt(30), 1 + random.nextInt(30), BufferedImage.TYPE_3BYTE_BGR);
      float[] got =
          run(model(spec(resize), DType.FLOAT32, -1, height, width, 3), encoded(image, "png"));
      double[] expected = SimpleResize.resize(image, resize, height, width);
      for (int i = 0; i < got.length; i++) {
        assertThat(got[i])
            .as(
                "%s of %d x %d to %d x %d",
                resize, image.getHeight(), image.getWidth(), height, width)
            .isCloseTo((float) expected[i], within(0.01f));
      }
    }
  }

  @Test
  void valuesAreScaledThenNormalised() throws Exception {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_3BYTE_BGR);
    image.setRGB(0, 0, 2, 2, new int[] {0xFF3300, 0xFF3300, 0xFF3300, 0xFF3300}, 0, 2);
    byte[] png = encoded(image, "png");
    List<Double> none = List.of();
    assertThat(
            first(
                model(with(StepSpec.Color.RGB, -1, 1, none, none), DType.FLOAT32, -1, 2, 2, 3),
                png))
        .containsExactly(new float[] {1, -0.6f, -1}, within(1e-6f));
    assertThat(
            first(
                model(
                    with(StepSpec.Color.BGR, 0, 1, List.of(0.5, 0.25, 0.0), List.of(0.5)),
                    DType.FLOAT32,
                    -1,
                    2,
                    2,
                    3),
                png))
        .containsExactly(new float[] {-1, -0.1f, 2}, within(1e-6f));
  }

  @Test
  void wholeNumbersAreRoundedAndKeptInTheirRange() throws Exception {
    byte[] png = encoded(noise(6, 6, BufferedImage.TYPE_3BYTE_BGR), "png");
    float[] exact = run(model(spec(StepSpec.Resize.STRETCH), DType.FLOAT32, -1, 4, 4, 3), png);
    Tensor unsigned =
        runs.run(model(spec(StepSpec.Resize.STRETCH), DType.UINT8, -1, 4, 4, 3), runs.bytes(png))
            .output(0);
    Tensor signed =
        runs.run(
                model(
                    with(StepSpec.Color.RGB, -128, 127, List.of(), List.of()),
                    DType.INT8,
                    -1,
                    4,
                    4,
                    3),
                runs.bytes(png))
            .output(0);
    Tensor over =
        runs.run(
                model(
                    with(StepSpec.Color.RGB, 300, 400, List.of(), List.of()),
                    DType.UINT8,
                    -1,
                    4,
                    4,
                    3),
                runs.bytes(png))
            .output(0);
    for (int i = 0; i < exact.length; i++) {
      assertThat(unsigned.getByte(i) & 0xff).isEqualTo(Math.round(exact[i]));
      assertThat(signed.getByte(i) + 128).isCloseTo(Math.round(exact[i]), within(1));
      assertThat(over.getByte(i) & 0xff).isEqualTo(255);
    }
  }

  private void assertRefused(byte[] image, String reason) throws Exception {
    LoadedModel model = model(spec(StepSpec.Resize.STRETCH), DType.FLOAT32, -1, 4, 4, 3);
    byte[] good = encoded(noise(2, 2, BufferedImage.TYPE_3BYTE_BGR), "png");
    assertThatThrownBy(() -> run(model, good, image))
        .isInstanceOfSatisfying(
            ServingException.class,
            e -> assertThat(e.category()).isEqualTo(Category.INVALID_ARGUMENT))
        .hasMessageContaining("input \"image\": image 1 of " + image.length + " bytes: ")
        .hasMessageContaining(reason);
  }

  @Test
  void whatIsNoImageIsTheCallersMistake() throws Exception {
    assertRefused(new byte[0], "unknown format (expected: JPEG, PNG, BMP or GIF)");
    assertRefused(new byte[] {1, 2, 3}, "unknown format");
    assertRefused("<svg/>".getBytes(StandardCharsets.UTF_8), "unknown format");
    byte[] large = encoded(noise(101, 100, BufferedImage.TYPE_BYTE_GRAY), "png");
    assertRefused(large, "100 x 101 pixels (expected: at least 1, and at most 10000)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "bmp", "gif"})
  void brokenImagesAreRefusedOrReadAndNothingElse(String format) throws Exception {
    LoadedModel model = model(spec(StepSpec.Resize.STRETCH), DType.FLOAT32, -1, 4, 4, 3);
    byte[] whole = encoded(noise(12, 12, BufferedImage.TYPE_3BYTE_BGR), format);
    int refused = 0;
    for (int round = 0; round < 400; round++) {
      byte[] broken =
          Arrays.copyOf(whole, round % 2 == 0 ? random.nextInt(whole.length) : whole.length);
      for (int i = 0; i < broken.length && i < round % 7; i++) {
        broken[random.nextInt(Math.min(broken.length, 80))] = (byte) random.nextInt();
      }
      try {
        assertThat(run(model, broken)).hasSize(48);
      } catch (ServingException e) {
        assertThat(e.category()).isEqualTo(Category.INVALID_ARGUMENT);
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          FLOAT64 | -1,4,4,3  | tensor: "x" is FLOAT64 (expected: one of [UINT8, INT8, FLOAT16, FLOAT32])
          FLOAT32 | -1,4      | tensor: "x" is [-1,4] (expected: [n,height,width,channels]
          FLOAT32 | -1,4,4,2  | tensor: "x" is [-1,4,4,2]
          FLOAT32 | -1,3,4,3  | tensor: "x" is [-1,3,4,3]
          FLOAT32 | -1,-1,4,3 | size: not said (expected: what "x" takes, which is [-1,-1,4,3]
          FLOAT32 | -1,0,4,3  | size: not said
          """)
  void aModelThatTakesNoImageIsRefused(DType dtype, String dims, String message) {
    long[] shape = Arrays.stream(dims.split(",")).mapToLong(Long::parseLong).toArray();
    assertThatThrownBy(() -> model(spec(StepSpec.Resize.STRETCH), dtype, shape))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageStartingWith("step image: ")
        .hasMessageContaining(message);
  }

  @Test
  void valuesThatDoNotFitAreRefused() {
    assertThatThrownBy(() ->
            model(
                with(StepSpec.Color.RGB, 0, 1, List.of(1.0, 2.0), List.of()),
                DType.FLOAT32,
                -1,
                4,
                4,
                3))
        .hasMessageContaining("mean: [1.0, 2.0] (expected: 3 values, or one)");
    assertThatThrownBy(() ->
            model(
                with(StepSpec.Color.RGB, 0, 1, List.of(), List.of(0.0)),
                DType.FLOAT32,
                -1,
                4,
                4,
                3))
        .hasMessageContaining("std: [0.0] (expected: other than 0)");
  }
}
