"""What the parts of the loss and their landmarks are called on a page that people read; needs no torch."""

MEANINGS = {
    "contrastive": "how badly a drawn patch is told from the others of its window: cross-entropy in nats",
    "ssim": "one minus the structural similarity of the drawn and the true window, 0 to 1: it is a loss, so a high value is bad",
    "count": "squared error of one number read off per window, log10 of its contacts",
    "regression": "squared error of hidden pixels over their variance in the window",
}
PREDICTIONS = {
    "chance": "a guess among all patches of the window",
    "untrained": "noise for an image and 0 for the count, as random weights give",
    "mean": "each window in its mean colour; the mean count of all windows",
    "distance decay": "each pixel the window's mean at its distance: decay, and nothing else of the map",
    "perfect copy": "the window itself",
}
CORRECTED = (
    "The corrected objective takes the window's mean patch off before the contrast and sharpens it by a temperature, and adds the squared "
    "error of hidden pixels, so that there is room to learn."
)
CAUTION = "The count depends on depth and bin size, so its landmarks hold for these windows alone."
