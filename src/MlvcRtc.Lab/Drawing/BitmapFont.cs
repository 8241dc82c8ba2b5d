namespace MlvcRtc.Lab.Drawing;

/// <summary>A five by seven font of letters, digits and a few signs, for labels on pictures.</summary>
public static class BitmapFont
{
    /// <summary>Pixels of one glyph cell at scale 1, the gap to the next included.</summary>
    public const int CellWidth = 6;

    /// <summary>Pixels of one line at scale 1 from the top of the capitals to the base line.</summary>
    public const int CellHeight = 7;

    /// <summary>Letters that reach below the base line, and pixels by which they do at scale 1.</summary>
    private const string Descending = "gpqy,";

    private const int Descent = 2;

    // Seven rows from the top, two hexadecimal digits each; bit 4 is the left column.
    private static readonly Dictionary<char, byte[]> Glyphs = Parse("""
        A 0E11111F111111 B 1E11111E11111E C 0E11101010110E D 1E11111111111E E 1F10101E10101F F 1F10101E101010
        G 0E11101713110F H 1111111F111111 I 0E04040404040E J 0701010101110E K 11121418141211 L 1010101010101F
        M 111B1515111111 N 11191915131311 O 0E11111111110E P 1E11111E101010 Q 0E11111115120D R 1E11111E141211
        S 0F10100E01011E T 1F040404040404 U 1111111111110E V 11111111110A04 W 1111111515150A X 11110A040A1111
        Y 11110A04040404 Z 1F01020408101F 0 0E11131519110E 1 040C040404040E 2 0E11010204081F 3 1F02040201110E
        4 02060A121F0202 5 1F101E0101110E 6 0608101E11110E 7 1F010204080808 8 0E11110E11110E 9 0E11110F01020C
        . 0000000000040C , 000000000C0408 : 000C0C000C0C00 - 0000001F000000 + 0004041F040400 / 00010204081000
        % 18190204081303 ( 02040808080402 ) 08040202020408 = 00001F001F0000 _ 0000000000001F # 0A0A1F0A1F0A0A
        > 08040201020408 < 02040810080402 ? 0E110102040004 ! 04040404040004 * 0004150E150400 ' 04040800000000
        a 00000E010F110F b 1010161911111E c 00000E1010110E d 01010D1311110F e 00000E111F100E f 0609081C080808
        g 0F1111110F010E h 10101619111111 i 04000C0404040E j 0200060202120C k 10101214181412 l 0C04040404040E
        m 00001A15151111 n 00001619111111 o 00000E1111110E p 1E1111111E1010 q 0F1111110F0101 r 00001619101010
        s 00000E100E011E t 08081C08080906 u 0000111111130D v 000011110A0A04 w 0000111115150A x 0000110A040A11
        y 111111110F010E z 00001F0204081F
        """);

    /// <summary>Pixels that a text is wide.</summary>
    public static int Measure(string text, int scale)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length * CellWidth * scale;
    }

    /// <summary>Draws one line with its upper left corner at (x, y); what has no glyph stays blank.</summary>
    public static void Draw(RgbImage image, string text, int x, int y, int scale, byte red, byte green, byte blue)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(text);
        foreach (char letter in text)
        {
            if (Glyphs.TryGetValue(letter, out byte[]? rows))
            {
                int top = y + (Descending.Contains(letter, StringComparison.Ordinal) ? Descent * scale : 0);
                for (int pixel = 0; pixel < 5 * CellHeight; pixel++)
                {
                    (int row, int column) = (pixel / 5, pixel % 5);
                    if ((rows[row] & (0x10 >> column)) != 0)
                    {
                        image.Fill(x + (column * scale), top + (row * scale), scale, scale, red, green, blue);
                    }
                }
            }

            x += CellWidth * scale;
        }
    }

    private static Dictionary<char, byte[]> Parse(string table)
    {
        string[] words = table.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        Dictionary<char, byte[]> glyphs = [];
        for (int i = 0; i < words.Length; i += 2)
        {
            glyphs[words[i][0]] = Convert.FromHexString(words[i + 1]);
        }

        return glyphs;
    }
}
