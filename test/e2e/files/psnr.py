"""psnr.py: how far two images of OpenEXR are from one another: blender -b --python psnr.py -- ONE OTHER prints "psnr N" (whole dB, the least
of all channels, against the greatest value of the first image; 999: every float is the same)."""
import math
import sys

import bpy

one, other = sys.argv[sys.argv.index("--") + 1:]


def pixels(file):
    image = bpy.data.images.load(file)
    image.colorspace_settings.name = "Linear"
    return list(image.size), image.pixels[:]


(first_size, first), (second_size, second) = pixels(one), pixels(other)
if first_size != second_size:
    print("psnr 0", first_size, second_size)
    sys.exit(0)
least, peak = 999, max(first)
for channel in range(4):
    errors = [(a - b) ** 2 for a, b in zip(first[channel::4], second[channel::4])]
    if any(errors):
        least = min(least, int(10 * math.log10(peak ** 2 * len(errors) / sum(errors))))
print("psnr", least)
